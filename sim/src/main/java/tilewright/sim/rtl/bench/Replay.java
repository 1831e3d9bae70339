package tilewright.sim.rtl.bench;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import tilewright.sim.SimulationException;
import tilewright.sim.rtl.Port;
import tilewright.sim.rtl.Simulation;
import tilewright.sim.rtl.SimulationOptions;
import tilewright.sim.rtl.verilator.VerilatorEngine;

/** Runs the record of a failing bench again. */
public final class Replay {
    private Replay() {}

    /**
     * Runs a record again under Verilator with a trace of all signals.
     *
     * @param folder the record's folder
     * @param options how; their trace is the file that is written
     * @return the cycles that were run
     * @throws SimulationException when the record cannot be read, or Verilator is missing or fails; a design that stops
     *     itself ends the replay, since that is what it is made to show
     */
    public static long run(Path folder, SimulationOptions options, VerilatorEngine engine) {
        FailureRecord record = FailureRecord.read(folder);
        Path text = folder.resolve(FailureRecord.DESIGN);
        Path stimulus = folder.resolve(FailureRecord.STIMULUS);
        try (DataInputStream in = open(stimulus)) {
            String systemVerilog = Files.readString(text);
            if (!FailureFolder.digest(systemVerilog).equals(record.digest())) {
                throw new SimulationException(text + ": not the design that failed; run the failing test again");
            }
            try (Simulation simulation =
                    engine.open(record.design(), systemVerilog, record.ports(), record.clocks(), options)) {
                return play(in, simulation, stimulus);
            }
        } catch (IOException e) {
            throw new SimulationException(
                    "%s: the record cannot be read (%s); run the failing test again".formatted(folder, e.getMessage()),
                    e);
        }
    }

    /** Runs a record again in a simulation of its design; gives the cycles that were run. */
    static long run(Path folder, Simulation simulation) throws IOException {
        Path stimulus = folder.resolve(FailureRecord.STIMULUS);
        try (DataInputStream in = open(stimulus)) {
            return play(in, simulation, stimulus);
        }
    }

    private static DataInputStream open(Path stimulus) throws IOException {
        return new DataInputStream(new BufferedInputStream(new GZIPInputStream(Files.newInputStream(stimulus))));
    }

    private static long play(DataInputStream in, Simulation simulation, Path file) throws IOException {
        List<Port> ports = simulation.ports();
        int clocks = simulation.clocks().size();
        while (true) {
            int step = in.read();
            try {
                switch (step) {
                    case Recording.SET -> {
                        int port = in.readUnsignedShort();
                        if (port >= ports.size() || !ports.get(port).isInput()) {
                            throw new IOException("port " + port + " in " + file);
                        }
                        long[] words = new long[ports.get(port).words()];
                        for (int i = 0; i < words.length; i++) {
                            words[i] = in.readLong();
                        }
                        simulation.set(port, words);
                    }
                    case Recording.TICK -> simulation.tick();
                    case Recording.TICK_ONE -> {
                        int clock = in.readUnsignedByte();
                        if (clock >= clocks) {
                            throw new IOException("clock " + clock + " in " + file);
                        }
                        simulation.tick(clock);
                    }
                    case Recording.END, -1 -> {
                        // The cycle that was wrong has no edge in the record; the trace shows it with one.
                        simulation.tick();
                        return simulation.cycles();
                    }
                    default -> throw new IOException("step " + step + " in " + file);
                }
            } catch (SimulationException stopped) {
                return simulation.cycles();
            }
        }
    }
}
