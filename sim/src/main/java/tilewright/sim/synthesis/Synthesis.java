package tilewright.sim.synthesis;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Net;
import tilewright.hw.lang.emit.SystemVerilog;
import tilewright.sim.SimulationException;
import tilewright.sim.Subprocess;

/**
 * Synthesises designs out of context: Yosys for any {@link Target}, nextpnr for iCE40. Results are kept by a hash of the
 * text, without its comments, and the commands, so that only what has changed is done again.
 */
public final class Synthesis {
    private static final Duration LIMIT = Duration.ofHours(1);
    private static final Pattern FREQUENCY = Pattern.compile("Max frequency for clock [^:]*: *([0-9.]+) MHz");
    /** Comments tell the author's lines, which change without the hardware. */
    private static final Pattern COMMENT = Pattern.compile("//.*");

    private final Path cache;
    private final ObjectMapper json = new ObjectMapper();

    /** A device of iCE40 for place and route. */
    public enum Device {
        /** The fast family, without multipliers. */
        HX8K("--hx8k --package ct256"),
        /** UltraPlus, with multipliers. */
        UP5K("--up5k --package sg48");

        private final String options;

        Device(String options) {
            this.options = options;
        }
    }

    /** Synthesis with results kept in a folder, which is made when it does not exist. */
    public Synthesis(Path cache) {
        this.cache = cache;
    }

    /** The programs of these that are missing, with the way out; empty when all are there. */
    public static Optional<String> missing(String... programs) {
        String path = System.getenv("PATH");
        String names = List.of(programs).stream()
                .filter(name ->
                        Subprocess.program(name, path == null ? "" : path).isEmpty())
                .collect(Collectors.joining(", "));
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(names + " not found; install it and see that PATH has it");
    }

    /** Whether {@link #resources} is known, so that asking for it runs nothing. */
    public boolean knowsResources(Design design, Target target) {
        String text = SystemVerilog.text(design);
        return Files.exists(file(text + script(design, target, text)));
    }

    /** Whether {@link #megahertz} is known, so that asking for it runs nothing. */
    public boolean knowsMegahertz(Design design, Device device) {
        String text = SystemVerilog.text(design) + frame(design);
        return Files.exists(file(text + script(device, text) + device.options));
    }

    private static String script(Design design, Target target, String text) {
        return "read_verilog -sv -D TILEWRIGHT_PRIMITIVES design.sv; " + target.command(text) + " -top "
                + design.top().name() + "; write_json netlist.json";
    }

    private static String script(Device device, String text) {
        return "read_verilog -sv -D TILEWRIGHT_PRIMITIVES design.sv; "
                + (device == Device.UP5K ? Target.ICE40.command(text) : "synth_ice40")
                + " -top tilewright_frame -json netlist.json";
    }

    /**
     * What a design takes of a device.
     *
     * @throws SimulationException when Yosys is missing or fails
     */
    public Resources resources(Design design, Target target) {
        String text = SystemVerilog.text(design);
        String script = script(design, target, text);
        return kept(text + script, Resources.class, folder -> {
            Files.writeString(folder.resolve("design.sv"), text);
            run(folder, List.of("yosys", "-q", "-p", script));
            return new Netlist(json.readTree(folder.resolve("netlist.json").toFile())).resources();
        });
    }

    /**
     * The clock, in MHz, that a design reaches on a device after place and route, between shift registers at its ports;
     * empty when it does not fit.
     *
     * @throws SimulationException when Yosys or nextpnr is missing or fails for another reason
     */
    public OptionalDouble megahertz(Design design, Device device) {
        String text = SystemVerilog.text(design) + frame(design);
        String script = script(device, text);
        double[] result = kept(text + script + device.options, double[].class, folder -> {
            Files.writeString(folder.resolve("design.sv"), text);
            run(folder, List.of("yosys", "-q", "-p", script));
            String log;
            try {
                log = run(
                        folder,
                        List.of(("nextpnr-ice40 --json netlist.json --pcf-allow-unconstrained --seed 1 "
                                        + "--freq 50 --timing-allow-fail " + device.options)
                                .split(" ")));
            } catch (SimulationException e) {
                if (e.getMessage().contains("Unable to find a placement location")
                        || e.getMessage().contains("Unable to place cell")) {
                    return new double[0];
                }
                throw e;
            }
            Matcher matcher = FREQUENCY.matcher(log);
            double last = 0;
            while (matcher.find()) {
                last = Double.parseDouble(matcher.group(1));
            }
            return new double[] {last};
        });
        return result.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(result[0]);
    }

    /** A top with three pins: inputs come from a shift register, outputs are folded into another. */
    private static String frame(Design design) {
        StringBuilder pins = new StringBuilder();
        int in = 0;
        int out = 0;
        for (Net net : design.top().ports()) {
            pins.append(pins.isEmpty() ? "" : ", ")
                    .append('.')
                    .append(net.name())
                    .append('(');
            switch (net.kind()) {
                case CLOCK -> pins.append("clock");
                case OUTPUT -> {
                    pins.append("result[")
                            .append(out)
                            .append(" +: ")
                            .append(net.width())
                            .append(']');
                    out += net.width();
                }
                default -> {
                    pins.append("stimulus[")
                            .append(in)
                            .append(" +: ")
                            .append(net.width())
                            .append(']');
                    in += net.width();
                }
            }
            pins.append(')');
        }
        return """

                module tilewright_frame(input clock, input shift_in, output shift_out);
                  reg [%d:0] stimulus;
                  wire [%d:0] result;
                  reg [%d:0] folded;
                  reg [%d:0] held;
                  assign shift_out = folded[%d];
                  always @(posedge clock) begin
                    stimulus <= {stimulus, shift_in};
                    held <= result;
                    folded <= {folded, folded[%d]} ^ held;
                  end
                  %s dut (%s);
                endmodule
                """.formatted(
                in, out - 1, out - 1, out - 1, out - 1, out - 1, design.top().name(), pins);
    }

    private Path file(String key) {
        return cache.resolve(digest(COMMENT.matcher(key).replaceAll("")) + ".json");
    }

    private interface Work<T> {
        T in(Path folder) throws IOException;
    }

    private <T> T kept(String key, Class<T> type, Work<T> work) {
        Path file = file(key);
        try {
            if (Files.exists(file)) {
                return json.readValue(file.toFile(), type);
            }
            Files.createDirectories(cache);
            Path folder = Files.createTempDirectory("tilewright-synthesis");
            try {
                T result = work.in(folder);
                Path fresh = Files.createTempFile(cache, "new", ".json");
                json.writeValue(fresh.toFile(), result);
                Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
                return result;
            } finally {
                for (String name : List.of("design.sv", "netlist.json")) {
                    Files.deleteIfExists(folder.resolve(name));
                }
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String run(Path folder, List<String> command) {
        StringBuffer errors = new StringBuffer();
        Subprocess.Outcome outcome = Subprocess.run(
                command, folder, LIMIT, line -> errors.append(line).append('\n'));
        if (outcome.exitCode() != 0 || outcome.timedOut()) {
            String cause = errors.toString()
                    .lines()
                    .filter(line -> line.startsWith("ERROR"))
                    .findFirst()
                    .orElse(outcome.timedOut() ? "its time was over" : Subprocess.ending(outcome.exitCode()));
            throw new SimulationException(command.getFirst() + ": " + cause);
        }
        return errors + outcome.output();
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
