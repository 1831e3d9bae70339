package tilewright.hw.hls;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A directive of {@code #pragma HLS} with its options, where it may stand and the modes that limit its options. The
 * table follows the Vitis HLS user guide (UG1399, 2020.2 to 2025.2); names are compared without regard to case.
 *
 * @param name the directive's name
 * @param places the kinds of region where it may stand
 * @param options its options
 */
record HlsDirective(String name, Set<CppScope.Kind> places, List<Option> options) {
    /** What the value of an option is. */
    enum Kind {
        /** An array, stream or other variable that is visible where the pragma stands. */
        VARIABLE,
        /** A parameter of the function, or {@code return}. */
        PORT,
        /** A constant integer expression. */
        INTEGER,
        /** One of a few words. */
        CHOICE,
        /** Nothing, {@code true} or {@code false}. */
        FLAG,
        /** A name that is free to choose. */
        NAME
    }

    /**
     * An option.
     *
     * @param required whether the directive means nothing without it
     * @param choices the words of a choice
     * @param positional whether the word may stand alone, without {@code option=}
     * @param least the least integer
     */
    record Option(String name, Kind kind, boolean required, List<String> choices, boolean positional, long least) {
        Option asRequired() {
            return new Option(name, kind, true, choices, positional, least);
        }

        Option alone() {
            return new Option(name, kind, required, choices, true, least);
        }
    }

    /** Options of {@code interface} by mode. */
    static final Map<String, List<String>> INTERFACE_OPTIONS = interfaceOptions();

    /** Implementations of {@code bind_storage} by type. */
    static final Map<String, List<String>> STORAGE = storage();

    static final List<String> INTEGER_OPERATIONS = List.of("add", "sub", "mul");
    static final List<String> INTEGER_IMPLEMENTATIONS = List.of("auto", "dsp", "fabric");

    private static final Map<String, HlsDirective> TABLE = table();

    /** The directive of a name, in any case. */
    static Optional<HlsDirective> of(String name) {
        return Optional.ofNullable(TABLE.get(name.toLowerCase(Locale.ROOT)));
    }

    /** The names of all directives. */
    static Collection<String> names() {
        return TABLE.keySet();
    }

    /** The option of a name, in any case. */
    Optional<Option> option(String wanted) {
        return options.stream()
                .filter(option -> option.name().equalsIgnoreCase(wanted))
                .findFirst();
    }

    /** The option that a word without {@code =} belongs to: a flag of that name, or a choice with that word. */
    Optional<Option> alone(String word) {
        return options.stream()
                .filter(option -> option.kind() == Kind.FLAG
                        ? option.name().equalsIgnoreCase(word)
                        : option.positional() && option.choices().stream().anyMatch(word::equalsIgnoreCase))
                .findFirst();
    }

    /** The names of the options. */
    List<String> optionNames() {
        return options.stream().map(Option::name).toList();
    }

    private static Map<String, HlsDirective> table() {
        Map<String, HlsDirective> table = new LinkedHashMap<>();
        Set<CppScope.Kind> function = EnumSet.of(CppScope.Kind.FUNCTION);
        Set<CppScope.Kind> loop = EnumSet.of(CppScope.Kind.LOOP);
        Set<CppScope.Kind> either = EnumSet.of(CppScope.Kind.FUNCTION, CppScope.Kind.LOOP);
        Set<CppScope.Kind> region = EnumSet.of(CppScope.Kind.FUNCTION, CppScope.Kind.LOOP, CppScope.Kind.BLOCK);
        Option variable = new Option("variable", Kind.VARIABLE, true, List.of(), false, 0);
        Option off = flag("off");

        add(table, "aggregate", region, variable, choice("compact", "auto", "bit", "byte", "none"));
        add(table, "alias", function, name("ports").asRequired(), integer("distance", 0), name("offset"));
        add(
                table,
                "allocation",
                region,
                choice("type", "function", "operation").alone(),
                name("instances").asRequired(),
                integer("limit", 1).asRequired());
        Option[] cut = {
            variable,
            choice("type", "block", "complete", "cyclic").alone(),
            integer("factor", 1),
            integer("dim", 0),
            off
        };
        add(table, "array_partition", region, cut);
        add(
                table,
                "array_reshape",
                region,
                Stream.concat(Arrays.stream(cut), Stream.of(flag("object"))).toArray(Option[]::new));
        add(table, "array_stencil", region, variable, off);
        add(
                table,
                "bind_op",
                region,
                variable,
                choice("op", operations()).asRequired(),
                choice("impl", "auto", "dsp", "fabric", "fulldsp", "maxdsp", "meddsp", "none", "primitivedsp"),
                integer("latency", -1));
        add(
                table,
                "bind_storage",
                region,
                variable,
                choice("type", STORAGE.keySet().toArray(String[]::new)).asRequired(),
                choice("impl", "auto", "bram", "bram_ecc", "lutram", "memory", "srl", "uram", "uram_ecc"),
                integer("latency", -1));
        add(
                table,
                "cache",
                function,
                port().asRequired(),
                integer("lines", 1),
                integer("depth", 1),
                integer("ways", 1),
                integer("users", 1),
                choice("burst", "on", "off"),
                choice("write_mode", "write_back", "write_through"));
        add(table, "dataflow", either, flag("disable_start_propagation"));
        add(
                table,
                "dependence",
                either,
                new Option("variable", Kind.VARIABLE, false, List.of(), false, 0),
                choice("class", "array", "pointer").alone(),
                choice("type", "inter", "intra").alone(),
                choice("direction", "RAW", "WAR", "WAW").alone(),
                integer("distance", 1),
                choice("dependent", "true", "false").alone());
        add(table, "disaggregate", region, variable);
        add(table, "expression_balance", region, off);
        add(table, "function_instantiate", function, variable);
        add(table, "inline", function, off, flag("recursive"));
        add(table, "interface", function, interfaceTable());
        add(table, "latency", region, integer("min", 0), integer("max", 0));
        add(table, "loop_flatten", loop, off);
        add(table, "loop_merge", region, flag("force"));
        add(table, "loop_tripcount", loop, integer("min", 0), integer("max", 0), integer("avg", 0));
        add(table, "occurrence", EnumSet.of(CppScope.Kind.BLOCK), integer("cycle", 1), off);
        add(
                table,
                "performance",
                either,
                integer("target_ti", 1),
                integer("target_tl", 1),
                integer("assume_ti", 1),
                integer("assume_tl", 1),
                choice("unit", "cycle", "sec"));
        add(table, "pipeline", either, integer("II", 1), off, flag("rewind"), choice("style", "flp", "frp", "stp"));
        add(table, "protocol", region, choice("mode", "fixed", "floating").alone());
        add(table, "reset", EnumSet.complementOf(EnumSet.of(CppScope.Kind.STRUCT)), variable, off);
        add(table, "stable", function, variable);
        add(
                table,
                "stream",
                region,
                variable,
                integer("depth", 1),
                choice("type", "fifo", "pipo", "shared", "unsync"),
                off);
        add(table, "top", function, name("name"));
        add(table, "unroll", loop, integer("factor", 1), flag("skip_exit_check"), off);
        return Collections.unmodifiableMap(table);
    }

    private static void add(
            Map<String, HlsDirective> table, String name, Set<CppScope.Kind> places, Option... options) {
        table.put(name, new HlsDirective(name, Set.copyOf(places), List.of(options)));
    }

    private static Option integer(String name, long least) {
        return new Option(name, Kind.INTEGER, false, List.of(), false, least);
    }

    private static Option flag(String name) {
        return new Option(name, Kind.FLAG, false, List.of(), false, 0);
    }

    private static Option name(String name) {
        return new Option(name, Kind.NAME, false, List.of(), false, 0);
    }

    private static Option port() {
        return new Option("port", Kind.PORT, false, List.of(), false, 0);
    }

    private static Option choice(String name, String... words) {
        return new Option(name, Kind.CHOICE, false, List.of(words), false, 0);
    }

    private static String[] operations() {
        Stream<String> integer = Stream.of("add", "mul", "sub");
        Stream<String> single = Stream.of(
                "facc", "fadd", "fdiv", "fexp", "flog", "fmacc", "fmadd", "fmul", "frecip", "frsqrt", "fsqrt", "fsub");
        Stream<String> wide = Stream.of("dadd", "ddiv", "dexp", "dlog", "dmul", "drecip", "drsqrt", "dsqrt", "dsub");
        Stream<String> half = Stream.of("hadd", "hdiv", "hmul", "hsqrt", "hsub");
        return Stream.of(integer, single, wide, half).flatMap(names -> names).toArray(String[]::new);
    }

    private static Option[] interfaceTable() {
        List<Option> options = new ArrayList<>(List.of(
                choice("mode", INTERFACE_OPTIONS.keySet().toArray(String[]::new))
                        .asRequired()
                        .alone(),
                port(),
                name("bundle"),
                name("offset"),
                name("name"),
                name("clock"),
                name("channel"),
                name("interrupt"),
                choice("register_mode", "both", "forward", "off", "reverse"),
                choice(
                        "storage_type",
                        "ram_1p",
                        "ram_1wnr",
                        "ram_2p",
                        "ram_s2p",
                        "ram_t2p",
                        "rom_1p",
                        "rom_2p",
                        "rom_np"),
                choice("storage_impl", "auto", "bram", "uram"),
                choice("address_mode", "byte", "word"),
                choice("direct_io", "true", "false"),
                flag("autorestart"),
                flag("register")));
        for (String count : List.of(
                "depth",
                "max_read_burst_length",
                "max_write_burst_length",
                "num_read_outstanding",
                "num_write_outstanding")) {
            options.add(integer(count, 1));
        }
        options.add(integer("latency", 0));
        options.add(integer("max_widen_bitwidth", 0));
        return options.toArray(Option[]::new);
    }

    private static Map<String, List<String>> interfaceOptions() {
        Map<String, List<String>> options = new LinkedHashMap<>();
        options.put(
                "m_axi",
                List.of(
                        "bundle",
                        "offset",
                        "depth",
                        "latency",
                        "max_read_burst_length",
                        "max_write_burst_length",
                        "num_read_outstanding",
                        "num_write_outstanding",
                        "max_widen_bitwidth",
                        "channel",
                        "name"));
        options.put(
                "s_axilite",
                List.of("bundle", "offset", "clock", "register", "name", "depth", "interrupt", "autorestart"));
        options.put("axis", List.of("bundle", "register", "register_mode", "depth", "name"));
        options.put("ap_memory", List.of("storage_type", "storage_impl", "latency", "depth", "address_mode", "name"));
        options.put("bram", List.of("storage_type", "storage_impl", "latency", "depth", "address_mode", "name"));
        options.put("ap_fifo", List.of("depth", "register", "name"));
        for (String scalar : List.of("ap_none", "ap_vld", "ap_ovld", "ap_ack", "ap_hs", "ap_stable")) {
            options.put(scalar, List.of("register", "depth", "name", "direct_io"));
        }
        for (String control : List.of("ap_ctrl_none", "ap_ctrl_hs", "ap_ctrl_chain")) {
            options.put(control, List.of("bundle", "register", "name"));
        }
        return options;
    }

    private static Map<String, List<String>> storage() {
        Map<String, List<String>> types = new LinkedHashMap<>();
        types.put("fifo", List.of("auto", "bram", "lutram", "memory", "srl", "uram"));
        for (String ram : List.of("ram_1p", "ram_1wnr", "ram_2p")) {
            types.put(ram, List.of("auto", "bram", "lutram", "uram"));
        }
        types.put("ram_s2p", List.of("auto", "bram", "bram_ecc", "lutram", "uram", "uram_ecc"));
        types.put("ram_t2p", List.of("auto", "bram", "uram"));
        for (String rom : List.of("rom_1p", "rom_2p", "rom_np")) {
            types.put(rom, List.of("auto", "bram", "lutram"));
        }
        return types;
    }
}
