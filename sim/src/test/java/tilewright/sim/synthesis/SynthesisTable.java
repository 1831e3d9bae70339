package tilewright.sim.synthesis;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import tilewright.sim.CSimulation;

/**
 * Writes the table of what the library's components cost on each family ({@code docs/synthesis.md}). What has been
 * synthesised before, text and commands being the same, is taken from the cache.
 */
public final class SynthesisTable {
    private static final String BEGINNING = """
            # What the hardware library costs

            Open synthesis, out of context: Yosys, each component by itself with its ports as they are. LUTs have 6 inputs on
            xc7 and xcup, 4 on ECP5 and iCE40; those in parentheses are memories and shift registers among them. Levels are
            LUTs on the longest path between registers, memories, multipliers and ports; carry chains and dedicated
            multiplexers are not counted. Memories count blocks of 18 or 36 kbit (AMD), 16 kbit (ECP5) or 4 kbit (iCE40).
            This file is written by `tilewright.sim.synthesis.SynthesisTable`.

            | component | family | LUT | FF | DSP | memories | levels |
            |---|---|---:|---:|---:|---:|---:|
            """;

    private static final String PLACED = """

            ## Place and route

            nextpnr, iCE40, between shift registers at the ports, one seed; on HX8K, multipliers are adders.

            | component | device | MHz |
            |---|---|---:|
            """;

    private SynthesisTable() {}

    /**
     * Writes the table into the file that is named.
     *
     * @param arguments the file
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            System.err.println("usage: SynthesisTable docs/synthesis.md");
            System.exit(2);
        }
        Synthesis synthesis = new Synthesis(CSimulation.defaultCache().resolveSibling("synthesis"));
        String text = write(synthesis, System.err);
        Files.writeString(Path.of(arguments[0]), text);
    }

    /** The table; what is done is told as it begins. */
    static String write(Synthesis synthesis, PrintStream progress) {
        StringBuilder text = new StringBuilder(BEGINNING);
        for (LibraryInstances.Instance instance : LibraryInstances.all()) {
            for (Target target : Target.values()) {
                if (instance.targets().contains(target)) {
                    progress.println(instance.name() + ", " + target);
                    Resources r = synthesis.resources(instance.design(LibraryInstances.Blocks.of(target)), target);
                    String memory = r.memoryTables() == 0 ? "" : " (" + r.memoryTables() + ")";
                    text.append("| %s | %s | %d%s | %d | %d | %d | %d |%n"
                            .formatted(
                                    instance.name(),
                                    target.name().toLowerCase(java.util.Locale.ROOT),
                                    r.lookupTables(),
                                    memory,
                                    r.flipFlops(),
                                    r.multipliers(),
                                    r.blockMemories(),
                                    r.levels()));
                }
            }
        }
        text.append(PLACED);
        for (Synthesis.Device device : Synthesis.Device.values()) {
            for (LibraryInstances.Instance instance : LibraryInstances.placed().get(device)) {
                progress.println(instance.name() + ", " + device);
                OptionalDouble clock = synthesis.megahertz(instance.design(LibraryInstances.blocks(device)), device);
                String reached = clock.isEmpty() ? "does not fit" : "%.0f".formatted(clock.getAsDouble());
                text.append("| %s | %s | %s |%n".formatted(instance.name(), device, reached));
            }
        }
        return text.toString();
    }
}
