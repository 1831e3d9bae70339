package tilewright.sim.synthesis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import tilewright.hw.lang.design.Design;
import tilewright.sim.CSimulation;

/**
 * Writes the table of what the library's components cost on each family ({@code docs/synthesis.md}). What has been
 * synthesised before, text and commands being the same, is taken from the cache.
 */
public final class SynthesisTable {
    private static final String BEGINNING = """
            # What the hardware library costs

            Open synthesis, out of context: Yosys, each component by itself with its ports as they are. LUTs have 6 inputs on
            xc7 and xcup, 4 on ECP5 and iCE40, where a table beside a carry counts as one; those in parentheses are memories
            and shift registers among them. Two small functions in one LUT of 6 inputs count as two. Memories count blocks of
            18 or 36 kbit (AMD), 16 kbit (ECP5) or 4 kbit (iCE40).

            Levels are LUTs on the longest path between registers, memories, multipliers and ports; 8 is the most that any
            component may have. A carry chain and dedicated multiplexers (F7, PFUMX) count nothing beyond the LUTs at their
            inputs, so that an adder is one level, however wide. A multiplier ends a path.
            `tilewright.sim.synthesis.SynthesisTable` writes this file; it keeps what has not changed since the last time.

            | component | family | LUT | FF | DSP | memories | levels |
            |---|---|---:|---:|---:|---:|---:|
            """;

    private static final String PLACED = """

            ## Place and route

            nextpnr, iCE40, between shift registers at the ports, one seed; on HX8K, multipliers are adders.

            | component | device | MHz |
            |---|---|---:|
            """;

    /** The heading of the section that the estimator's tests write. */
    private static final String OTHERS = "## Estimate against measurement";

    private final Synthesis synthesis;
    private final boolean known;
    private final List<String> missing = new ArrayList<>();

    private SynthesisTable(Synthesis synthesis, boolean known) {
        this.synthesis = synthesis;
        this.known = known;
    }

    /**
     * Writes the table into the file that is named; with {@code --known}, of what is known already, and says what is not.
     *
     * @param arguments the file, then perhaps {@code --known}
     */
    public static void main(String[] arguments) throws IOException {
        boolean known = arguments.length == 2 && arguments[1].equals("--known");
        if (arguments.length != 1 && !known) {
            System.err.println("usage: SynthesisTable docs/synthesis.md [--known]");
            System.exit(2);
        }
        Synthesis synthesis = new Synthesis(CSimulation.defaultCache().resolveSibling("synthesis"));
        Path page = Path.of(arguments[0]);
        String before = Files.exists(page) ? Files.readString(page) : "";
        int rest = before.indexOf(OTHERS);
        String text = new SynthesisTable(synthesis, known).write();
        Files.writeString(page, text + (rest < 0 ? "" : "\n" + before.substring(rest)));
    }

    /** The table; what is done is told as it begins. */
    private String write() {
        StringBuilder text = new StringBuilder(BEGINNING);
        for (LibraryInstances.Instance instance : LibraryInstances.all()) {
            for (Target target : Target.values()) {
                if (instance.targets().contains(target)) {
                    row(text, instance, target);
                }
            }
        }
        text.append(PLACED);
        for (Synthesis.Device device : Synthesis.Device.values()) {
            for (LibraryInstances.Instance instance : LibraryInstances.placed().get(device)) {
                row(text, instance, device);
            }
        }
        if (!missing.isEmpty()) {
            text.append("\nNot synthesised since they last changed: ")
                    .append(String.join("; ", missing))
                    .append(".\n");
        }
        return text.toString();
    }

    private void row(StringBuilder text, LibraryInstances.Instance instance, Target target) {
        Design design = instance.design(LibraryInstances.Blocks.of(target));
        String family = target.name().toLowerCase(Locale.ROOT);
        if (known && !synthesis.knowsResources(design, target)) {
            missing.add(instance.name() + " (" + family + ")");
            return;
        }
        System.err.println(instance.name() + ", " + family);
        Resources r = synthesis.resources(design, target);
        String memory = r.memoryTables() == 0 ? "" : " (" + r.memoryTables() + ")";
        text.append("| %s | %s | %d%s | %d | %d | %d | %d |%n"
                .formatted(
                        instance.name(),
                        family,
                        r.lookupTables(),
                        memory,
                        r.flipFlops(),
                        r.multipliers(),
                        r.blockMemories(),
                        r.levels()));
    }

    private void row(StringBuilder text, LibraryInstances.Instance instance, Synthesis.Device device) {
        Design design = instance.design(LibraryInstances.blocks(device));
        if (known && !synthesis.knowsMegahertz(design, device)) {
            missing.add(instance.name() + " (" + device + ")");
            return;
        }
        System.err.println(instance.name() + ", " + device);
        OptionalDouble clock = synthesis.megahertz(design, device);
        String reached = clock.isEmpty() ? "does not fit" : "%.0f".formatted(clock.getAsDouble());
        text.append("| %s | %s | %s |%n".formatted(instance.name(), device, reached));
    }
}
