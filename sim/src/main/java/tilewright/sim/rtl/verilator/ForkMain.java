package tilewright.sim.rtl.verilator;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tilewright.sim.SimulationException;
import tilewright.sim.rtl.Port;

/** The process that runs a model for a {@link ForkedSimulation}: takes steps from its input until that ends. */
final class ForkMain {
    /** A port is set: its number and its words follow. */
    static final int SET = 1;
    /** All clocks rise. */
    static final int TICK = 2;
    /** One clock rises: its number follows. */
    static final int TICK_ONE = 3;
    /** All clocks rise so many times as follow. */
    static final int RUN = 4;
    /** The answer is {@link #GOOD} and the words of all ports that are not inputs, or {@link #STOPPED} and a message. */
    static final int READ = 5;

    static final int GOOD = 0;
    static final int STOPPED = 1;

    private final DataInputStream in;
    private final DataOutputStream out;

    private ForkMain(DataInputStream in, DataOutputStream out) {
        this.in = in;
        this.out = out;
    }

    /** Runs one model. */
    public static void main(String[] arguments) throws IOException {
        DataInputStream in =
                new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in), 1 << 16));
        DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16));
        ForkMain main = new ForkMain(in, out);
        try {
            main.run();
        } catch (SimulationException e) {
            out.writeByte(STOPPED);
            out.writeUTF(e.getMessage());
            out.flush();
        } catch (EOFException e) {
            // The other side is done.
        }
    }

    private void run() throws IOException {
        String name = in.readUTF();
        Path library = Path.of(in.readUTF());
        Optional<Path> trace =
                Optional.of(in.readUTF()).filter(file -> !file.isEmpty()).map(Path::of);
        int count = in.readInt();
        List<Port> ports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ports.add(new Port(i, in.readUTF(), in.readInt(), in.readBoolean(), Port.Direction.valueOf(in.readUTF())));
        }
        List<String> clocks = new ArrayList<>();
        int clockCount = in.readInt();
        for (int i = 0; i < clockCount; i++) {
            clocks.add(in.readUTF());
        }
        try (VerilatorSimulation simulation = new VerilatorSimulation(name, library, ports, clocks, trace)) {
            while (true) {
                step(simulation, in.readUnsignedByte());
            }
        }
    }

    private void step(VerilatorSimulation simulation, int step) throws IOException {
        switch (step) {
            case SET -> {
                int port = in.readUnsignedShort();
                long[] words = new long[simulation.ports().get(port).words()];
                for (int i = 0; i < words.length; i++) {
                    words[i] = in.readLong();
                }
                simulation.set(port, words);
            }
            case TICK -> simulation.tick();
            case TICK_ONE -> simulation.tick(in.readUnsignedByte());
            case RUN -> simulation.run(in.readLong());
            case READ -> {
                simulation.eval();
                out.writeByte(GOOD);
                for (Port port : simulation.ports()) {
                    if (!port.isInput()) {
                        long[] words = new long[port.words()];
                        simulation.get(port.index(), words);
                        for (long word : words) {
                            out.writeLong(word);
                        }
                    }
                }
                out.flush();
            }
            default -> throw new IOException("step " + step);
        }
    }

    /** Tells the process of the ports and clocks. */
    static void writePorts(DataOutputStream out, List<Port> ports, List<String> clocks) throws IOException {
        out.writeInt(ports.size());
        for (Port port : ports) {
            out.writeUTF(port.name());
            out.writeInt(port.width());
            out.writeBoolean(port.signed());
            out.writeUTF(port.direction().name());
        }
        out.writeInt(clocks.size());
        for (String clock : clocks) {
            out.writeUTF(clock);
        }
    }
}
