package tilewright.edge.matrix;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tilewright.edge.matrix.nativecode.NativeCodeException;
import tilewright.edge.matrix.nativecode.NativeCompiler;
import tilewright.edge.matrix.nativecode.NativeProcessor;
import tilewright.edge.matrix.nativecode.NativeSource;
import tilewright.model.graph.EncodedMatrix;

/**
 * Packs as {@link PanelPacker} does, to the byte, with the functions of {@code pack.c}: near the speed of memory from the
 * first call on. Safe for use by several threads.
 */
@SuppressWarnings("restricted")
final class NativePacker {
    static final List<String> FLAGS = List.of("-std=gnu11", "-O3");
    private static final int LANES = PanelLayout.PANEL_ROWS;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    /** The layout; where rows begin, from one to the next, how many and of what width; where the panels go. */
    static final FunctionDescriptor PACK = FunctionDescriptor.of(INT, INT, LONG, LONG, LONG, LONG, LONG);

    private final MethodHandle pack;

    /** A function of the type {@link #PACK}. */
    NativePacker(MethodHandle pack) {
        this.pack = pack;
    }

    private static final class Outcome {
        static final NativePacker ONLY = attempt();

        private static NativePacker attempt() {
            if (!KernelChoice.allowsNative() || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
                return null;
            }
            try {
                return load(NativeCompiler.find(), NativeProcessor.current().flags(), NativeCompiler.defaultCache());
            } catch (NativeCodeException e) {
                // Java packs too, more slowly, with the same result; what is lost is said where kernels are chosen.
                return null;
            }
        }
    }

    /** The packer for this machine, or null; compiled by the first call, unless it is in the cache. */
    static NativePacker orNull() {
        return Outcome.ONLY;
    }

    /** With one compiler, for the processor that the flags name. */
    static NativePacker load(NativeCompiler compiler, List<String> processor, Path cache) throws NativeCodeException {
        List<String> flags = new ArrayList<>(FLAGS);
        flags.addAll(processor);
        Path library = compiler.compile("pack", NativeSource.read(NativePacker.class, "pack.c"), flags, cache);
        try {
            MemorySegment function = SymbolLookup.libraryLookup(library, Arena.global())
                    .find("tilewright_pack")
                    .orElseThrow(() -> new NativeCodeException(library + " lacks tilewright_pack"));
            return new NativePacker(Linker.nativeLinker().downcallHandle(function, PACK));
        } catch (IllegalArgumentException e) {
            throw new NativeCodeException(library + " cannot be loaded; delete it to have it compiled again", e);
        }
    }

    /** Whether it can bring these parts into their layout: those that are not decoded for it. */
    static boolean canPack(List<EncodedMatrix> parts) {
        return PanelLayout.of(parts.getFirst().format()).format()
                == parts.getFirst().format();
    }

    /**
     * Packs some rows of the parts.
     *
     * @param parts for which {@link #canPack} holds, one below the other
     * @param firstRow of the parts taken together
     * @param panels takes the {@link Panels#rows()} rows from there on, all its bytes
     * @return false when a scale is infinite or not a number
     */
    boolean pack(List<EncodedMatrix> parts, int firstRow, Panels panels) {
        long rowBytes = parts.getFirst().rowBytes();
        int done = 0;
        MemorySegment mixed = null;
        boolean finite = true;
        while (done < panels.rows()) {
            int most = panels.rows() - done;
            MemorySegment run = rows(parts, firstRow + done, most);
            int rows = (int) (run.byteSize() / rowBytes);
            int whole = rows == most ? rows : rows / LANES * LANES;
            if (whole == 0 || !run.isNative()) {
                // A panel of rows of several parts, or on the heap, is put together first.
                whole = Math.min(LANES, most);
                mixed = mixed == null ? Arena.ofAuto().allocate(LANES * rowBytes) : mixed;
                for (int copied = 0; copied < whole; ) {
                    MemorySegment some = rows(parts, firstRow + done + copied, whole - copied);
                    MemorySegment.copy(some, 0, mixed, copied * rowBytes, some.byteSize());
                    copied += (int) (some.byteSize() / rowBytes);
                }
                run = mixed;
            }
            long to = panels.bytes().address() + done / LANES * panels.panelBytes();
            finite &= call(panels, run.address(), rowBytes, whole, to);
            done += whole;
        }
        Reference.reachabilityFence(mixed);
        Reference.reachabilityFence(parts);
        Reference.reachabilityFence(panels);
        return finite;
    }

    /** The bytes of up to {@code most} rows from a row on, all of one part. */
    private static MemorySegment rows(List<EncodedMatrix> parts, long row, int most) {
        long first = 0;
        for (EncodedMatrix part : parts) {
            if (row < first + part.rows()) {
                long count = Math.min(most, first + part.rows() - row);
                return part.bytes().asSlice((row - first) * part.rowBytes(), count * part.rowBytes());
            }
            first += part.rows();
        }
        throw new IllegalArgumentException("row " + row + " of " + first);
    }

    private boolean call(Panels panels, long from, long stride, long rows, long to) {
        int result;
        try {
            result = (int) pack.invokeExact(panels.layout().ordinal(), from, stride, rows, (long) panels.width(), to);
        } catch (Throwable e) {
            throw new IllegalStateException("native code could not be called", e);
        }
        if (result < 0) {
            throw new IllegalStateException("pack.c does not know the layout " + panels.layout());
        }
        return result != 0;
    }
}
