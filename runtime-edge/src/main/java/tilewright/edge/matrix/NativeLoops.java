package tilewright.edge.matrix;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import tilewright.edge.matrix.nativecode.NativeCodeException;
import tilewright.edge.matrix.nativecode.NativeCompiler;
import tilewright.edge.matrix.nativecode.NativeProcessor;
import tilewright.edge.matrix.nativecode.NativeSource;

/**
 * The functions of {@code loops.c}: what a step computes beside products with quantised weights, fast from the first call on.
 *
 * <p>Loops on the Vector API take a thousand times longer until the JVM's last compiler has compiled them, which the first
 * token cannot wait for. Results are those of the loops in Java, to the bit. {@code count} elements begin at the index that
 * follows each array; operands and result may be the same place.
 *
 * <p>Calls hold back the garbage collector, so each is kept short; arrays are not copied.
 */
@SuppressWarnings("restricted")
public final class NativeLoops {
    static final List<String> FLAGS =
            List.of("-std=gnu11", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math");
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout ADDRESS = ValueLayout.ADDRESS;

    /** All functions are one, since every further signature costs time when the JVM starts. */
    private static final FunctionDescriptor TYPE = FunctionDescriptor.ofVoid(
            INT, ADDRESS, ADDRESS, ADDRESS, INT, INT, INT, INT, INT, INT, INT, INT, INT, ValueLayout.JAVA_FLOAT);

    /** In the order of {@code loops.c}. */
    static final int ADD = 0;

    static final int MULTIPLY = 1;
    static final int SCALE = 2;
    static final int ADD_SCALED = 3;
    static final int RESCALE_AND_ADD = 4;
    static final int SQUARES = 5;
    static final int SILU = 6;
    static final int GELU_TANH = 7;
    static final int PANELS = 8;
    static final int WEIGH = 9;
    static final int TURN = 10;
    static final int WIDEN = 11;
    static final int NARROW = 12;
    static final int PLAIN = 13;

    private static final int LANES = FloatVector.SPECIES_PREFERRED.length();
    /** Multiplications of one call: some tens of microseconds. */
    private static final long WORK = 1L << 20;

    private static final MethodHandle LOOP = load();

    private NativeLoops() {}

    /** The function, or null where there is none: then loops run in Java, and {@link KernelChoice} says what is lost. */
    private static MethodHandle load() {
        NativeProcessor processor = NativeProcessor.current();
        boolean lanes = LANES == 8 || LANES == 16 || LANES == 4 && processor.isArm();
        if (!KernelChoice.allowsNative() || !lanes) {
            return null;
        }
        try {
            KernelLibrary.requireProcessor();
            List<String> flags = new ArrayList<>(FLAGS);
            flags.addAll(processor.flags());
            String source = NativeSource.read(NativeLoops.class, "loops.c");
            NativeCompiler compiler = NativeCompiler.find();
            MemorySegment function = SymbolLookup.libraryLookup(
                            compiler.compile("loops", source, flags, NativeCompiler.defaultCache()), Arena.global())
                    .find("tilewright_loop")
                    .orElseThrow(() -> new NativeCodeException("the loops lack tilewright_loop"));
            return Linker.nativeLinker().downcallHandle(function, TYPE, Linker.Option.critical(true));
        } catch (NativeCodeException | IllegalArgumentException e) {
            return null;
        }
    }

    /** Whether they can be used; compiled by the first call, unless they are in the cache. */
    public static boolean available() {
        return LOOP != null;
    }

    private static void call(
            int operation,
            MemorySegment a,
            MemorySegment b,
            MemorySegment c,
            int i0,
            int i1,
            int i2,
            int i3,
            int i4,
            int i5,
            int i6,
            int i7,
            int i8,
            float factor) {
        try {
            LOOP.invokeExact(operation, a, b, c, i0, i1, i2, i3, i4, i5, i6, i7, i8, factor);
        } catch (Throwable e) {
            throw new IllegalStateException("native code could not be called", e);
        }
    }

    private static MemorySegment of(float[] array) {
        return MemorySegment.ofArray(array);
    }

    private static void check(float[] array, int at, int count) {
        if ((at | count) < 0 || at > array.length - count) {
            throw new IndexOutOfBoundsException(
                    "elements " + at + " to " + (at + (long) count) + " of an array of " + array.length);
        }
    }

    /** One operand and a factor. */
    private static void one(int operation, float[] x, int xAt, float factor, float[] out, int at, int count) {
        check(x, xAt, count);
        check(out, at, count);
        MemorySegment from = of(x);
        call(operation, from, from, of(out), xAt, 0, at, count, 0, 0, 0, 0, 0, factor);
    }

    private static void two(int operation, float[] x, int xAt, float[] y, int yAt, float[] out, int at, int count) {
        check(x, xAt, count);
        check(y, yAt, count);
        check(out, at, count);
        call(operation, of(x), of(y), of(out), xAt, yAt, at, count, 0, 0, 0, 0, 0, 0);
    }

    /** {@code out = x + y}. */
    public static void add(float[] x, int xAt, float[] y, int yAt, float[] out, int at, int count) {
        two(ADD, x, xAt, y, yAt, out, at, count);
    }

    /** {@code out = x * y}. */
    public static void multiply(float[] x, int xAt, float[] y, int yAt, float[] out, int at, int count) {
        two(MULTIPLY, x, xAt, y, yAt, out, at, count);
    }

    /** {@code out = x * factor}. */
    public static void scale(float[] x, int xAt, float factor, float[] out, int at, int count) {
        one(SCALE, x, xAt, factor, out, at, count);
    }

    /** {@code out = out + x * factor}, rounded once. */
    public static void addScaled(float[] x, int xAt, float factor, float[] out, int at, int count) {
        one(ADD_SCALED, x, xAt, factor, out, at, count);
    }

    /** {@code out = out * factor + x}, rounded once. */
    public static void rescaleAndAdd(float[] x, int xAt, float factor, float[] out, int at, int count) {
        one(RESCALE_AND_ADD, x, xAt, factor, out, at, count);
    }

    /** {@code out = x / (1 + e^(-slope x))}: SiLU for slope 1. */
    public static void silu(float[] x, int xAt, float slope, float[] out, int at, int count) {
        one(SILU, x, xAt, slope, out, at, count);
    }

    /** GELU's approximation with tanh. */
    public static void geluTanh(float[] x, int xAt, float[] out, int at, int count) {
        one(GELU_TANH, x, xAt, 0, out, at, count);
    }

    /**
     * The sum of {@code (x - mean)^2}, in as many sums as a vector has lanes.
     *
     * @param lanes room for one element
     */
    public static float squares(float[] x, int at, int count, float mean, float[] lanes) {
        check(x, at, count);
        check(lanes, 0, 1);
        MemorySegment from = of(x);
        call(SQUARES, from, from, of(lanes), at, 0, 0, count, LANES, 0, 0, 0, 0, mean);
        return lanes[0];
    }

    /**
     * As {@code MatrixProduct.multiplyPanels}: rows times panels of two vectors, without bias.
     *
     * @param panels floats, of an array or off the heap; the first panel begins at index {@code panelsAt}
     */
    public static void multiplyPanels(
            float[] a,
            int aAt,
            int aStride,
            int rows,
            MemorySegment panels,
            int panelsAt,
            int width,
            int panelCount,
            float[] c,
            int cAt,
            int cStride) {
        int panel = 2 * LANES;
        check(a, aAt, (rows - 1) * aStride + width);
        Objects.checkFromIndexSize((long) panelsAt, (long) panelCount * width * panel, panels.byteSize() / Float.BYTES);
        check(c, cAt, (rows - 1) * cStride + panelCount * panel);
        int most = (int) Math.max(1, WORK / ((long) rows * width * panel));
        MemorySegment rowsOf = of(a);
        MemorySegment to = of(c);
        for (int first = 0; first < panelCount; first += most) {
            int count = Math.min(most, panelCount - first);
            int from = panelsAt + first * width * panel;
            call(
                    PANELS,
                    rowsOf,
                    panels,
                    to,
                    aAt,
                    aStride,
                    rows,
                    from,
                    width,
                    count,
                    cAt + first * panel,
                    cStride,
                    panel,
                    0);
        }
    }

    /**
     * Turns scores into {@code e^(score - most)}, 0 outside of {@code from .. to-1}.
     *
     * @param count whole vectors of scores, from index {@code at} on
     * @param before what {@code most} is at least
     * @param result takes most, the largest score, and the sum of what scores became, from index {@code resultAt} on
     */
    public static void weigh(
            float[] scores, int at, int count, int from, int to, float before, float[] result, int resultAt) {
        check(scores, at, count);
        check(result, resultAt, 2);
        if (count % LANES != 0 || from < 0 || from > to || to > count) {
            throw new IndexOutOfBoundsException("scores " + from + " to " + to + " of " + count);
        }
        MemorySegment results = of(result);
        call(WEIGH, results, results, of(scores), at, count, from, to, resultAt, LANES, 0, 0, 0, before);
    }

    /** Turns pairs: element i and element pairs + i, from index {@code at} on, by the angle i. */
    public static void turn(float[] x, int at, float[] cosines, float[] sines, int angle, int pairs) {
        check(x, at, 2 * pairs);
        check(cosines, angle, pairs);
        check(sines, angle, pairs);
        call(TURN, of(cosines), of(sines), of(x), at, angle, pairs, 0, 0, 0, 0, 0, 0, 0);
    }

    /** Binary16 numbers as floats, of an array or off the heap; the first at index {@code xAt}. */
    public static void widen(MemorySegment x, int xAt, float[] out, int at, int count) {
        Objects.checkFromIndexSize((long) xAt, count, x.byteSize() / Short.BYTES);
        check(out, at, count);
        call(WIDEN, x, x, of(out), xAt, 0, at, count, 0, 0, 0, 0, 0, 0);
    }

    /** Floats, limited to what binary16 holds, as such numbers that are {@code step} apart, the first at index {@code at}. */
    public static void narrow(float[] x, int xAt, MemorySegment out, int at, int step, int count) {
        check(x, xAt, count);
        Objects.checkFromIndexSize((long) at, count == 0 ? 0 : (count - 1L) * step + 1, out.byteSize() / Short.BYTES);
        MemorySegment from = of(x);
        call(NARROW, from, from, out, xAt, 0, at, count, step, 0, 0, 0, 0, 0);
    }

    /**
     * Rows times panels of plain elements, from panel {@code firstPanel} up to {@code lastPanel}, without bias; each result's
     * sums are those of {@link PlainDots}, whatever the number of rows.
     */
    static void multiplyPlain(
            Panels panels,
            Activations x,
            int firstRow,
            int rows,
            int firstPanel,
            int lastPanel,
            float[] y,
            int yAt,
            int yStride) {
        int steps = Math.ceilDiv(panels.width(), panels.layout().blockElements());
        int row = PanelLayout.PANEL_ROWS;
        int most = (int) Math.max(1, WORK / ((long) rows * x.paddedWidth() * row));
        int from = firstRow * x.stride();
        check(x.values(), from, (rows - 1) * x.stride() + x.paddedWidth());
        check(
                y,
                yAt + firstPanel * row,
                (rows - 1) * yStride + Math.min(panels.rows(), lastPanel * row) - firstPanel * row);
        MemorySegment values = of(x.values());
        MemorySegment to = of(y);
        for (int panel = firstPanel; panel < lastPanel; panel += most) {
            int count = Math.min(most, lastPanel - panel);
            int outputs = Math.min(panels.rows() - panel * row, count * row);
            MemorySegment used = panels.bytes().asSlice(panel * panels.panelBytes(), count * panels.panelBytes());
            int layout = panels.layout().ordinal();
            call(
                    PLAIN,
                    values,
                    used,
                    to,
                    layout,
                    from,
                    x.stride(),
                    rows,
                    steps,
                    outputs,
                    yAt + panel * row,
                    yStride,
                    0,
                    0);
        }
    }
}
