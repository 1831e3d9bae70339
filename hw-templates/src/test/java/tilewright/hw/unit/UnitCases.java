package tilewright.hw.unit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tilewright.hw.arith.EvenResidualFunction;
import tilewright.hw.arith.FixedPoint;
import tilewright.hw.arith.OnlineSoftmax;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.arith.TableFunction;
import tilewright.hw.lang.Component;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.vector.EvenResidualUnit;
import tilewright.hw.unit.vector.RequantizerUnit;
import tilewright.hw.unit.vector.SoftmaxUnit;
import tilewright.hw.unit.vector.TableUnit;

/** Random words for the units of the vector unit, with what {@code tilewright.hw.arith} makes of them. */
public final class UnitCases {
    private UnitCases() {}

    /** Accumulators of all magnitudes with factors of all shifts. */
    public static UnitCase requantizer(RequantizerUnit.Widths widths, Multiplier multiplier, long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        List<List<Long>> words = new ArrayList<>();
        List<List<Long>> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long value = anyInteger(random, widths.accumulatorBits());
            Requantizer factor = anyFactor(random);
            words.add(List.of(value, (long) factor.multiplier(), (long) factor.shift()));
            results.add(List.of(factor.apply(value, widths.resultBits())));
        }
        return of(
                "requantizer " + widths + " " + multiplier,
                () -> new RequantizerUnit(widths, multiplier),
                words,
                results);
    }

    /** A random table, and all codes in random order, several times. */
    public static UnitCase byteTable(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] values = new byte[256];
        random.nextBytes(values);
        TableFunction function = new TableFunction(values);
        List<List<Long>> entries = new ArrayList<>();
        for (int code = -128; code < 128; code++) {
            entries.add(List.of((long) code, (long) function.apply(code)));
        }
        List<List<Long>> words = new ArrayList<>();
        List<List<Long>> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int code = i < 256 ? i - 128 : random.nextInt(-128, 128);
            words.add(List.of((long) code));
            results.add(List.of((long) function.apply(code)));
        }
        return new UnitCase(
                "byte table",
                TableUnit::new,
                Map.of(),
                Map.of("load", entries),
                Map.of("input", words),
                Map.of("output", results));
    }

    /** SiLU of codes of all magnitudes, with the factors of some output scales. */
    public static UnitCase evenResidual(Multiplier multiplier, long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        List<EvenResidualFunction> functions = new ArrayList<>();
        for (double scale : new double[] {4e-5, 1e-3, 0.017}) {
            functions.add(EvenResidualFunction.of(x -> x / (1 + Math.exp(-1.702 * x)), scale));
        }
        List<List<Long>> words = new ArrayList<>();
        List<List<Long>> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int code = (int) anyInteger(random, EvenResidualFunction.INPUT_BITS);
            EvenResidualFunction function = functions.get(random.nextInt(functions.size()));
            Requantizer factor = function.output();
            words.add(List.of((long) code, (long) factor.multiplier(), (long) factor.shift()));
            results.add(List.of((long) function.apply(code)));
        }
        return of(
                "even residual " + multiplier,
                () -> new EvenResidualUnit(functions.getFirst(), multiplier),
                words,
                results);
    }

    /** Every accumulator of a width, with one factor. */
    public static UnitCase everyAccumulator(int accumulatorBits, int resultBits, Requantizer factor) {
        List<List<Long>> words = new ArrayList<>();
        List<List<Long>> results = new ArrayList<>();
        for (long value = -1L << (accumulatorBits - 1); value < 1L << (accumulatorBits - 1); value++) {
            words.add(List.of(value, (long) factor.multiplier(), (long) factor.shift()));
            results.add(List.of(factor.apply(value, resultBits)));
        }
        RequantizerUnit.Widths widths = new RequantizerUnit.Widths(accumulatorBits, resultBits);
        return of(
                "requantizer " + widths + " " + factor,
                () -> new RequantizerUnit(widths, Multiplier.DSP48E1),
                words,
                results);
    }

    /** Rows of random lengths: wild scores, near ones, equal ones, rising ones. */
    public static UnitCase softmax(int rowLength, Multiplier multiplier, long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        List<long[]> rows = new ArrayList<>();
        for (int words = 0; words < count; words += rows.getLast().length) {
            rows.add(anyScores(random, random.nextInt(3) == 0 ? rowLength : random.nextInt(1, rowLength + 1)));
        }
        return softmax(rowLength, multiplier, rows);
    }

    /** So many rows of the full length. */
    public static UnitCase softmaxRows(int rowLength, Multiplier multiplier, long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        return softmax(
                rowLength,
                multiplier,
                Stream.generate(() -> anyScores(random, rowLength)).limit(count).toList());
    }

    private static UnitCase softmax(int rowLength, Multiplier multiplier, List<long[]> rows) {
        SoftmaxFormat format = new SoftmaxFormat(rowLength);
        OnlineSoftmax softmax = new OnlineSoftmax(format);
        List<List<Long>> words = new ArrayList<>();
        List<List<Long>> results = new ArrayList<>();
        for (long[] scores : rows) {
            softmax.reset();
            for (long score : scores) {
                softmax.add(score);
            }
            softmax.finish();
            for (int i = 0; i < scores.length; i++) {
                long last = i == scores.length - 1 ? 1 : 0;
                words.add(List.of(scores[i], last));
                results.add(List.of(softmax.probability(scores[i]), last));
            }
        }
        return new UnitCase(
                "softmax " + rowLength + " " + multiplier,
                () -> new SoftmaxUnit(format, multiplier),
                Map.of("scores", words),
                Map.of("probabilities", results));
    }

    private static UnitCase of(
            String name, Supplier<Component> unit, List<List<Long>> words, List<List<Long>> results) {
        return new UnitCase(name, unit, Map.of("input", words), Map.of("output", results));
    }

    /** An integer of a random number of bits up to {@code bits}; often one next to a power of two. */
    static long anyInteger(SplittableRandom random, int bits) {
        int used = random.nextInt(1, bits);
        long value =
                random.nextInt(4) == 0 ? (1L << used) - random.nextInt(3) : random.nextLong(1L << used - 1, 1L << used);
        return FixedPoint.saturate(random.nextBoolean() ? value : -value, bits);
    }

    private static Requantizer anyFactor(SplittableRandom random) {
        int multiplier = random.nextInt(3) == 0 ? 1 << 30 : random.nextInt(1 << 30, Integer.MAX_VALUE);
        return new Requantizer(random.nextInt(50) == 0 ? 0 : multiplier, random.nextInt(Requantizer.MAX_SHIFT + 1));
    }

    /** Scores of a row: of any spread, falling or rising by any steps. */
    static long[] anyScores(SplittableRandom random, int length) {
        long[] scores = new long[length];
        int spread = random.nextInt(1, SoftmaxFormat.SCORE_BITS);
        long centre = anyInteger(random, SoftmaxFormat.SCORE_BITS);
        long step = random.nextInt(2) == 0 ? 0 : anyInteger(random, random.nextInt(14, 36));
        for (int i = 0; i < length; i++) {
            long noise = anyInteger(random, spread + 1);
            scores[i] = FixedPoint.saturate(centre + i * step + noise, SoftmaxFormat.SCORE_BITS);
        }
        return scores;
    }
}
