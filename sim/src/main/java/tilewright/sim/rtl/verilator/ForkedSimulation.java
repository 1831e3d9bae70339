package tilewright.sim.rtl.verilator;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tilewright.sim.SimulationException;
import tilewright.sim.Subprocess;
import tilewright.sim.rtl.Port;
import tilewright.sim.rtl.Simulation;
import tilewright.sim.rtl.Words;

/**
 * A Verilator model in a JVM of its own, which {@link ForkMain} runs. What is set and ticked is sent in batches; reading a
 * port sends them and brings the values of all outputs. A design that stops, or native code that crashes, is therefore
 * reported by the first call that waits for an answer.
 */
final class ForkedSimulation implements Simulation {
    /** The most steps that are sent without waiting for an answer. */
    private static final int LONGEST_BATCH = 10_000;

    private final String name;
    private final List<Port> ports;
    private final List<String> clocks;
    private final Path log;
    private final Process process;
    private final DataOutputStream out;
    private final DataInputStream in;
    private final long[][] values;
    private boolean fresh;
    private boolean ended;
    private long cycles;
    private int steps;

    ForkedSimulation(String name, Path library, List<Port> ports, List<String> clocks, Optional<Path> trace) {
        this.name = name;
        this.ports = ports;
        this.clocks = clocks;
        values = ports.stream().map(port -> new long[port.words()]).toArray(long[][]::new);
        try {
            log = Files.createTempFile(library.getParent(), "fork-", ".log");
            process =
                    new ProcessBuilder(command(log)).redirectError(log.toFile()).start();
        } catch (IOException e) {
            throw new SimulationException(
                    "%s: no process can be started for it (%s)".formatted(name, e.getMessage()), e);
        }
        out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream(), 1 << 16));
        in = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16));
        send(() -> {
            out.writeUTF(name);
            out.writeUTF(library.toString());
            out.writeUTF(trace.map(file -> file.toAbsolutePath().toString()).orElse(""));
            ForkMain.writePorts(out, ports, clocks);
        });
        try {
            sync();
        } catch (SimulationException e) {
            close();
            throw e;
        }
    }

    private static List<String> command(Path log) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:+DisplayVMOutputToStderr",
                "-XX:ErrorFile=" + log + ".crash",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path")
                        .replace(File.pathSeparator + File.pathSeparator, File.pathSeparator),
                ForkMain.class.getName()));
        return command;
    }

    private interface Message {
        void write() throws IOException;
    }

    private void send(Message message) {
        if (ended) {
            throw new IllegalStateException(name + ": the simulation is closed or stopped; open another");
        }
        try {
            message.write();
        } catch (IOException e) {
            throw died(e);
        }
    }

    private void step(Message message) {
        fresh = false;
        send(message);
        if (++steps >= LONGEST_BATCH) {
            sync();
        }
    }

    /** Brings the values of all outputs. */
    private void sync() {
        if (fresh) {
            return;
        }
        send(() -> out.writeByte(ForkMain.READ));
        steps = 0;
        try {
            out.flush();
            if (in.readByte() != ForkMain.GOOD) {
                ended = true;
                throw new SimulationException(in.readUTF());
            }
            for (Port port : ports) {
                if (!port.isInput()) {
                    for (int i = 0; i < values[port.index()].length; i++) {
                        values[port.index()][i] = in.readLong();
                    }
                }
            }
            fresh = true;
        } catch (IOException e) {
            throw died(e);
        }
    }

    private SimulationException died(IOException e) {
        ended = true;
        process.destroy();
        int exit;
        try {
            exit = process.waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            exit = 1;
        }
        return new SimulationException(
                "%s: the process that ran the model %s near cycle %d; log: %s"
                        .formatted(name, Subprocess.ending(exit), cycles, log),
                e);
    }

    @Override
    public List<Port> ports() {
        return ports;
    }

    @Override
    public List<String> clocks() {
        return clocks;
    }

    @Override
    public long get(int port) {
        Port p = ports.get(port);
        if (p.width() > 64) {
            throw Words.tooWide(p);
        }
        sync();
        return values[port][0];
    }

    @Override
    public void get(int port, long[] words) {
        sync();
        System.arraycopy(values[port], 0, words, 0, values[port].length);
    }

    @Override
    public void set(int port, long value) {
        if (ports.get(port).width() > 64) {
            throw Words.tooWide(ports.get(port));
        }
        set(port, new long[] {value});
    }

    @Override
    public void set(int port, long[] words) {
        Port p = ports.get(port);
        int last = p.words() - 1;
        if (!p.isInput()) {
            throw Words.notAnInput(p);
        }
        if (!Words.fits(words[last], p.width() - 64 * last, p.signed())) {
            throw Words.misfit(p, words);
        }
        System.arraycopy(words, 0, values[port], 0, last + 1);
        step(() -> {
            out.writeByte(ForkMain.SET);
            out.writeShort(port);
            for (int i = 0; i <= last; i++) {
                out.writeLong(words[i]);
            }
        });
    }

    @Override
    public void eval() {
        sync();
    }

    @Override
    public void tick() {
        step(() -> out.writeByte(ForkMain.TICK));
        cycles++;
    }

    @Override
    public void tick(int clock) {
        step(() -> {
            out.writeByte(ForkMain.TICK_ONE);
            out.writeByte(clock);
        });
        cycles++;
    }

    @Override
    public void run(long edges) {
        step(() -> {
            out.writeByte(ForkMain.RUN);
            out.writeLong(edges);
        });
        cycles += edges;
        sync();
    }

    @Override
    public long cycles() {
        return cycles;
    }

    /** The process, for tests that end it. */
    Process process() {
        return process;
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            try {
                out.close(); // the process ends with its input
                process.waitFor();
            } catch (IOException e) {
                process.destroy();
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        if (!ended) {
            ended = true;
            log.toFile().delete();
        }
    }
}
