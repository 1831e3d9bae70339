package tilewright.edge.matrix;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tilewright.edge.matrix.nativecode.NativeCodeException;
import tilewright.edge.matrix.nativecode.NativeCompiler;
import tilewright.edge.matrix.nativecode.NativeProcessor;
import tilewright.edge.matrix.nativecode.NativeSource;

/** The functions of {@code kernels.c}, compiled for this machine. */
@SuppressWarnings("restricted")
final class KernelLibrary {
    /** Contraction would make results depend on the compiler. */
    static final List<String> FLAGS = List.of("-std=gnu11", "-O3", "-ffp-contract=off");

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    /** Arguments as of {@link #quantise}, with the number of rows after the values. */
    static final FunctionDescriptor QUANTISE = FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, LONG, LONG, LONG, LONG);

    /** Arguments as of {@link #multiply}. */
    static final FunctionDescriptor MULTIPLY =
            FunctionDescriptor.ofVoid(INT, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG);

    /** Arguments as of {@link #multiplyNested}. */
    static final FunctionDescriptor MULTIPLY_NESTED = FunctionDescriptor.ofVoid(
            INT, INT, FLOAT, FLOAT, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG);

    private final MethodHandle quantise;
    private final MethodHandle multiply;
    private final MethodHandle multiplyNested;

    /** Functions of the types {@link #QUANTISE}, {@link #MULTIPLY} and {@link #MULTIPLY_NESTED}. */
    KernelLibrary(MethodHandle quantise, MethodHandle multiply, MethodHandle multiplyNested) {
        this.quantise = quantise;
        this.multiply = multiply;
        this.multiplyNested = multiplyNested;
    }

    /** For the processor that runs this, with the machine's compiler. */
    static KernelLibrary load() throws NativeCodeException {
        requireProcessor();
        return load(NativeCompiler.find(), NativeProcessor.current().flags(), NativeCompiler.defaultCache());
    }

    /** Refuses processors for which there is no native code. */
    static void requireProcessor() throws NativeCodeException {
        NativeProcessor processor = NativeProcessor.current();
        if (!processor.isX86() && !processor.isArm()) {
            throw new NativeCodeException(
                    "there are no native kernels for " + processor.architecture() + ", only for amd64 and aarch64");
        }
    }

    /** With one compiler, for the processor that the flags name. */
    static KernelLibrary load(NativeCompiler compiler, List<String> processor, Path cache) throws NativeCodeException {
        List<String> flags = new ArrayList<>(FLAGS);
        flags.addAll(processor);
        Path library = compiler.compile("kernels", NativeSource.read(KernelLibrary.class, "kernels.c"), flags, cache);
        try {
            SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
            return new KernelLibrary(
                    // A row takes a microsecond or two, too little to hold anyone back, and so needs no copy off heap.
                    function(symbols, "tilewright_quantise", QUANTISE, Linker.Option.critical(true)),
                    function(symbols, "tilewright_multiply", MULTIPLY),
                    function(symbols, "tilewright_multiply_nested", MULTIPLY_NESTED));
        } catch (IllegalArgumentException e) {
            throw new NativeCodeException(library + " cannot be loaded; delete it to have it compiled again", e);
        }
    }

    private static MethodHandle function(
            SymbolLookup symbols, String name, FunctionDescriptor type, Linker.Option... options)
            throws NativeCodeException {
        MemorySegment address =
                symbols.find(name).orElseThrow(() -> new NativeCodeException("the kernels lack " + name));
        return Linker.nativeLinker().downcallHandle(address, type, options);
    }

    /** Rounds one row of {@code padded} floats to 8 bits; see {@link ByteActivations}. */
    void quantise(MemorySegment values, int padded, long to, long stride) {
        try {
            quantise.invokeExact(values, 1L, (long) padded, to, stride);
        } catch (Throwable e) {
            throw new IllegalStateException("native code could not be called", e);
        }
    }

    /**
     * Multiplies rows with panels. All places are addresses; the caller has checked sizes and keeps the memory alive.
     *
     * @param layout the number of a {@link PanelLayout} with codes
     * @param out takes [rows, outStride] floats, of which the first 16 {@code count} of a row are written
     * @param scratch {@link NativeKernels#SCRATCH_BYTES} for each of {@code padded}
     */
    void multiply(
            int layout,
            long panels,
            long count,
            long width,
            long x,
            long xStride,
            long padded,
            long rows,
            long out,
            long outStride,
            long scratch) {
        try {
            multiply.invokeExact(layout, panels, count, width, x, xStride, padded, rows, out, outStride, scratch);
        } catch (Throwable e) {
            throw new IllegalStateException("native code could not be called", e);
        }
    }

    /**
     * Multiplies rows with nested panels; as {@link #multiply} but for these.
     *
     * @param baseBits bits of a code in the base range
     * @param residualBits bits of a code in the residual range, 0 when that is not there
     * @param unit as of {@link NestedScales#unit}
     * @param middle as of {@link NestedScales#middle}
     */
    void multiplyNested(
            int baseBits,
            int residualBits,
            float unit,
            float middle,
            long base,
            long residual,
            long count,
            long width,
            long x,
            long xStride,
            long padded,
            long rows,
            long out,
            long outStride,
            long scratch) {
        try {
            multiplyNested.invokeExact(
                    baseBits,
                    residualBits,
                    unit,
                    middle,
                    base,
                    residual,
                    count,
                    width,
                    x,
                    xStride,
                    padded,
                    rows,
                    out,
                    outStride,
                    scratch);
        } catch (Throwable e) {
            throw new IllegalStateException("native code could not be called", e);
        }
    }
}
