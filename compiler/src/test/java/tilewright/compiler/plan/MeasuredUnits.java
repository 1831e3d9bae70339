package tilewright.compiler.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tilewright.boards.Boards;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.hls.DesignParameters.Storage;
import tilewright.hw.program.IntegerFormat;

/**
 * What the estimator says of a unit beside what open synthesis counts of the hardware library's component that does the
 * same ({@code docs/synthesis.md}), with the error. The main writes it as the last section of that file.
 */
final class MeasuredUnits {
    /** The heading of the section. */
    static final String HEADING = "## Estimate against measurement";

    private static final Path PAGE = Path.of("docs", "synthesis.md");
    private static final String BEGINNING = HEADING + """


            The estimator of `tilewright plan` counts what Vitis makes of the emitted C++; this is what it says of units that
            the library has as well. `Coefficients` takes its figures for requantisers, activations, softmax, top-k and a lane of
            LayerNorm from the xcup rows above, and for LUTs of 4 inputs the mean over these families. Memories of LUTs are left
            out here: the estimator places them one by one.
            An estimate of LayerNorm has a root and two divisions in full pipelines, as the C++ has; the library's components
            iterate. The C++ infers its multipliers and sums in a tree: a tile of 256 elements is estimated at 5 583 LUT, the
            library's, of instantiated blocks, is in the table above.

            | component | family | LUT: estimate | measured | error | DSP: estimate | measured |
            |---|---|---:|---:|---:|---:|---:|
            """;

    /** A board of each family that components are measured on. */
    private static final Map<String, String> BOARDS =
            Map.of("xc7", "pynq-z2", "xcup", "zcu102", "ecp5", "ulx3s-85f", "ice40", "icebreaker");

    private static final Pattern ROW = Pattern.compile(
            "\\| ([^|]+) \\| (xc7|xcup|ecp5|ice40) \\| (\\d+)(?: \\((\\d+)\\))? \\| (\\d+) \\| (\\d+) \\| (\\d+) \\| (\\d+) \\|");

    private MeasuredUnits() {}

    /** What was counted; {@code lut} without memories. */
    record Measured(int lut, int ff, int dsp) {}

    /** What is estimated. */
    record Estimated(double lut, int dsp) {}

    private interface Estimator {
        Estimated of(Target target, String board);
    }

    private record Unit(String component, Estimator estimator) {}

    private static final List<Unit> UNITS = List.of(
            new Unit("requantiser, 32 to 8 bits", (target, _) -> requantiser(target, 8, 32)),
            new Unit("requantiser, 48 to 16 bits", (target, _) -> requantiser(target, 16, 48)),
            new Unit("int8 table", (target, _) -> new Estimated(target.lut(Coefficients.TABLE_LUT_PER_LANE), 0)),
            new Unit(
                    "int16 activation",
                    (target, _) -> new Estimated(
                            target.lut(Coefficients.INTERPOLATION_LUT_PER_LANE + Coefficients.REQUANTISER_LUT_8),
                            target.dsp(LinearUnit.TABLE_BITS, AttentionUnit.STEP_BITS) + target.dsp(32, 32))),
            new Unit(
                    "softmax, rows to 1 024",
                    (target, _) -> new Estimated(
                            target.lut(Coefficients.SOFTMAX_LUT),
                            AttentionUnit.softmaxDsp(target, new SoftmaxFormat(1024)))),
            new Unit("LayerNorm, 1 lane, 192 features", (target, board) -> norm(target, board, 1)),
            new Unit("LayerNorm, 4 lanes, 192 features", (target, board) -> norm(target, board, 4)),
            new Unit(
                    "top-k, 8 of 128",
                    (target, _) -> new Estimated(target.lut(8 * Coefficients.TOP_K_LUT_PER_PLACE), 0)));

    private static Estimated requantiser(Target target, int bits, int accumulatorBits) {
        IntegerFormat format = new IntegerFormat(bits);
        return new Estimated(target.lut(Target.requantiserLut(format)), target.dsp(accumulatorBits, 32));
    }

    private static Estimated norm(Target target, String board, int lanes) {
        DesignParameters parameters = new DesignParameters(
                4,
                4,
                1,
                1,
                lanes,
                1,
                1,
                Storage.BRAM,
                Storage.BRAM,
                100,
                Boards.load(board).part());
        ProgramShape shape = Shapes.EDGE_MOE.at(8);
        ResourceUse use = new NormUnit(target, parameters, shape.format()).resources(shape);
        double memories =
                use.buffers().stream().mapToDouble(BufferPlacement::lut).sum();
        return new Estimated(use.lut() - memories, use.dsp().norm());
    }

    /** What the page says of a component on a family. */
    static Optional<Measured> measured(String page, String component, String family) {
        return page.lines()
                .map(ROW::matcher)
                .filter(row -> row.matches()
                        && row.group(1).equals(component)
                        && row.group(2).equals(family))
                .findFirst()
                .map(MeasuredUnits::counts);
    }

    private static Measured counts(Matcher row) {
        int memory = row.group(4) == null ? 0 : Integer.parseInt(row.group(4));
        return new Measured(
                Integer.parseInt(row.group(3)) - memory,
                Integer.parseInt(row.group(5)),
                Integer.parseInt(row.group(6)));
    }

    /** The section for what a page says was measured. */
    static String section(String page) {
        StringBuilder text = new StringBuilder(BEGINNING);
        for (Unit unit : UNITS) {
            for (String family : List.of("xc7", "xcup", "ecp5", "ice40")) {
                String board = BOARDS.get(family);
                measured(page, unit.component, family).ifPresent(m -> {
                    Estimated e = unit.estimator.of(new Target(Boards.load(board), MemoryTiming.TYPICAL), board);
                    text.append(String.format(
                            Locale.ROOT,
                            "| %s | %s | %.0f | %d | %+.0f %% | %d | %d |%n",
                            unit.component,
                            family,
                            e.lut,
                            m.lut,
                            100 * (e.lut / m.lut - 1),
                            e.dsp,
                            m.dsp));
                });
            }
        }
        return text.toString();
    }

    /** The page of the repository. */
    static Path page() {
        return Files.exists(PAGE) ? PAGE : Path.of("..").resolve(PAGE);
    }

    /** Writes the section; the rest of the page stays. */
    public static void main(String[] arguments) throws IOException {
        String page = Files.readString(page());
        int end = page.indexOf(HEADING);
        String rest = end < 0 ? page + "\n" : page.substring(0, end);
        Files.writeString(page(), rest + section(page));
    }
}
