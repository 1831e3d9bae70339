package tilewright.boards;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The schema of a board file: which keys there are, what each may hold, and what must agree. */
final class BoardReader {
    /** Far above any device; what lies beyond is a slip of the pen. */
    private static final int MOST_CELLS = 100_000_000;

    private static final int MOST_BLOCKS = 1_000_000;
    private static final int MOST_BITS_PER_BLOCK = 1 << 24;
    private static final int MOST_UNITS = 10_000;
    private static final int MOST_PORTS = 1_024;
    private static final int MOST_PORT_BITS = 4_096;
    private static final String MOST_MHZ = "10000";
    private static final String MOST_GB_PER_SECOND = "1000000";
    private static final String MOST_TERA_MACS = "1000000";
    private static final int TERA = 12;
    private static final int GIGA = 9;

    private static final List<String> COMMON_KEYS =
            List.of("name", "description", "kind", "part", "family", "toolchain", "clock_mhz", "memories", "sources");

    private BoardReader() {}

    /**
     * The board that {@code text} describes.
     *
     * @param file the name of the file, for messages
     * @throws InvalidBoardException at the first thing that is wrong
     */
    static Board read(String file, String text) {
        Fields root = Fields.root(file, YamlReader.read(file, text));
        Set<String> keys = new LinkedHashSet<>(COMMON_KEYS);
        keys.addAll(List.of("resources", "axi", "compute"));
        root.allowOnly(keys);
        BoardKind kind = root.choice("kind", BoardKind.values());
        boolean fpga = kind == BoardKind.FPGA;
        root.refuse(fpga ? List.of("compute") : List.of("resources", "axi"), (fpga ? "an " : "a ") + kind + " board");

        String name = root.text("name");
        if (!Boards.isName(name)) {
            throw root.fail(
                    "name",
                    "is " + InvalidBoardException.quoted(name)
                            + ", expected a name; use lower-case letters, digits and single hyphens");
        }
        Family family = root.choice("family", Family.of(kind));
        Board board = new Board(
                name,
                root.text("description"),
                kind,
                root.text("part"),
                family,
                toolchain(root, kind),
                root.positive("clock_mhz", MOST_MHZ, 0),
                fpga ? resources(root.mapping("resources"), family) : Resources.NONE,
                fpga ? Compute.NONE : compute(root.mapping("compute"), kind),
                memories(root),
                fpga ? ports(root) : List.of(),
                Map.of());
        if (board.memories().isEmpty() && !fpga) {
            throw root.fail("memories", "is empty; a " + kind + " board needs at least one memory");
        }
        if (board.memories().isEmpty() && !board.axi().isEmpty()) {
            throw root.fail("axi", "lists ports but the board has no memories; list the memory they lead to");
        }
        return withSources(board, root);
    }

    private static Toolchain toolchain(Fields root, BoardKind kind) {
        return root.choice(
                "toolchain",
                kind == BoardKind.FPGA
                        ? List.of(Toolchain.VITIS_HLS, Toolchain.YOSYS_NEXTPNR)
                        : List.of(Toolchain.TORNADOVM, Toolchain.JVM));
    }

    private static Resources resources(Fields fields, Family family) {
        fields.allowOnly(List.of("lut", "ff", "dsp", "dsp_kind", "block_ram", "large_ram"));
        int dsp = fields.integer("dsp", 0, MOST_BLOCKS);
        DspKind dspKind = fields.choice("dsp_kind", DspKind.values());
        if (dspKind != DspKind.NONE && dspKind != family.dspKind()) {
            throw fields.fail(
                    "dsp_kind",
                    "is " + InvalidBoardException.quoted(dspKind.label()) + " but family " + family + " has "
                            + family.dspKind() + "; correct one of them");
        }
        if ((dsp == 0) != (dspKind == DspKind.NONE)) {
            throw fields.fail(
                    "dsp_kind",
                    "is " + InvalidBoardException.quoted(dspKind.label()) + " but dsp is " + dsp
                            + "; write 'none' with 0 blocks and the kind with any");
        }
        return new Resources(
                fields.integer("lut", 1, MOST_CELLS),
                fields.integer("ff", 1, MOST_CELLS),
                dsp,
                dspKind,
                blocks(fields.mapping("block_ram")),
                fields.has("large_ram") ? blocks(fields.mapping("large_ram")) : RamBlocks.NONE);
    }

    private static RamBlocks blocks(Fields fields) {
        fields.allowOnly(List.of("blocks", "bits_per_block"));
        return new RamBlocks(
                fields.integer("blocks", 1, MOST_BLOCKS), fields.integer("bits_per_block", 1, MOST_BITS_PER_BLOCK));
    }

    private static Compute compute(Fields fields, BoardKind kind) {
        boolean cpu = kind == BoardKind.CPU;
        fields.allowOnly(
                cpu ? List.of("cores", "vector_bits", "tera_macs_per_second") : List.of("sm", "tera_macs_per_second"));
        int units = fields.integer(cpu ? "cores" : "sm", 1, MOST_UNITS);
        int vectorBits = cpu ? fields.integer("vector_bits", 64, MOST_PORT_BITS) : 0;
        Fields rates = fields.mapping("tera_macs_per_second");
        rates.allowOnly(Fields.labels(NumberKind.values()));
        if (rates.keys().isEmpty()) {
            throw fields.fail("tera_macs_per_second", "is empty; state at least one rate, such as 'int8: 10.24'");
        }
        Map<NumberKind, Double> macsPerSecond = new EnumMap<>(NumberKind.class);
        for (NumberKind number : NumberKind.values()) {
            if (rates.has(number.label())) {
                macsPerSecond.put(number, rates.positive(number.label(), MOST_TERA_MACS, TERA));
            }
        }
        return new Compute(units, vectorBits, macsPerSecond);
    }

    private static List<MemoryChannel> memories(Fields root) {
        Set<String> names = new TreeSet<>();
        return root.mappings("memories").stream()
                .map(fields -> {
                    fields.allowOnly(List.of("name", "kind", "bytes", "gb_per_s"));
                    return new MemoryChannel(
                            uniqueName(fields, names),
                            fields.choice("kind", MemoryKind.values()),
                            fields.bytes("bytes"),
                            fields.positive("gb_per_s", MOST_GB_PER_SECOND, GIGA));
                })
                .toList();
    }

    private static List<AxiPorts> ports(Fields root) {
        Set<String> names = new TreeSet<>();
        return root.mappings("axi").stream()
                .map(fields -> {
                    fields.allowOnly(List.of("name", "count", "bits"));
                    String name = uniqueName(fields, names);
                    int count = fields.integer("count", 1, MOST_PORTS);
                    int bits = fields.integer("bits", 8, MOST_PORT_BITS);
                    if (Integer.bitCount(bits) != 1) {
                        throw fields.fail("bits", "is " + bits + ", expected a power of two; AXI has no other widths");
                    }
                    return new AxiPorts(name, count, bits);
                })
                .toList();
    }

    private static String uniqueName(Fields fields, Set<String> names) {
        String name = fields.text("name");
        if (!names.add(name)) {
            throw fields.fail(
                    "name", "is " + InvalidBoardException.quoted(name) + ", which is taken above; choose another");
        }
        return name;
    }

    /** Every group of figures that the board states must name its source, and nothing else may. */
    private static Board withSources(Board board, Fields root) {
        Set<String> groups = new LinkedHashSet<>();
        groups.add(board.kind() == BoardKind.FPGA ? "resources" : "compute");
        if (!board.memories().isEmpty()) {
            groups.add("memories");
        }
        if (!board.axi().isEmpty()) {
            groups.add("axi");
        }
        groups.add("clock_mhz");
        Fields fields = root.mapping("sources");
        fields.allowOnly(groups);
        Map<String, String> sources = new LinkedHashMap<>();
        groups.forEach(group -> sources.put(group, fields.text(group)));
        return new Board(
                board.name(),
                board.description(),
                board.kind(),
                board.part(),
                board.family(),
                board.toolchain(),
                board.clockMhz(),
                board.resources(),
                board.compute(),
                board.memories(),
                board.axi(),
                sources);
    }
}
