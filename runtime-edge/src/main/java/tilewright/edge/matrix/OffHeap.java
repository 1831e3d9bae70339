package tilewright.edge.matrix;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The system calls behind packed weights.
 *
 * <p>On Linux large areas are asked for in huge pages, which read about a tenth faster, and pages of a mapped file that are no
 * longer needed are given back; elsewhere both are left out, without loss of function.
 */
@SuppressWarnings("restricted")
final class OffHeap {
    /** From this size on memory comes in huge pages. */
    static final long HUGE_PAGE = 1L << 21;

    private static final long PAGE = 4096;
    private static final int READ_WRITE = 3;
    private static final int PRIVATE_ANONYMOUS = 0x22;
    private static final int DONT_NEED = 4;
    private static final int HUGE_PAGES = 14;
    private static final long MAP_FAILED = -1;

    private static final boolean LINUX = System.getProperty("os.name").equals("Linux");
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final MethodHandle MMAP = call("mmap", FunctionDescriptor.of(LONG, LONG, LONG, INT, INT, INT, LONG));
    private static final MethodHandle MUNMAP = call("munmap", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle MADVISE = call("madvise", FunctionDescriptor.of(INT, LONG, LONG, INT));

    private OffHeap() {}

    private static MethodHandle call(String name, FunctionDescriptor type) {
        if (!LINUX) {
            return null;
        }
        SymbolLookup library = Linker.nativeLinker().defaultLookup();
        return library.find(name)
                .map(address -> Linker.nativeLinker().downcallHandle(address, type))
                .orElse(null);
    }

    /** Zeros, aligned to pages, freed when no longer reachable. */
    static MemorySegment allocate(long bytes) {
        if (bytes >= HUGE_PAGE && MMAP != null && MUNMAP != null && MADVISE != null) {
            long reserved = Math.addExact(bytes, HUGE_PAGE);
            long base = invoke(MMAP, 0L, reserved, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
            if (base != MAP_FAILED) {
                long aligned = Math.ceilDiv(base, HUGE_PAGE) * HUGE_PAGE;
                advise(aligned, bytes, HUGE_PAGES);
                return MemorySegment.ofAddress(aligned)
                        .reinterpret(bytes, Arena.ofAuto(), gone -> invoke(MUNMAP, base, reserved));
            }
        }
        return Arena.ofAuto().allocate(bytes, PAGE);
    }

    /** Zeros, aligned to pages, which take memory only once they are touched; freed when the arena closes. */
    static MemorySegment allocate(long bytes, Arena arena) {
        if (MMAP == null || MUNMAP == null) {
            return arena.allocate(bytes, PAGE);
        }
        long base = invoke(MMAP, 0L, bytes, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
        if (base == MAP_FAILED) {
            throw new OutOfMemoryError("the system has no room for " + bytes + " bytes");
        }
        return MemorySegment.ofAddress(base).reinterpret(bytes, arena, gone -> invoke(MUNMAP, base, bytes));
    }

    /** Gives the whole pages of a mapped, read-only area back to the system; they are read again if touched again. */
    static void release(MemorySegment area) {
        if (area.isMapped() && area.isReadOnly() && MADVISE != null) {
            long from = Math.ceilDiv(area.address(), PAGE) * PAGE;
            long to = (area.address() + area.byteSize()) / PAGE * PAGE;
            if (from < to) {
                advise(from, to - from, DONT_NEED);
            }
        }
    }

    /** Best effort: the advice may be refused, and then nothing changes. */
    private static void advise(long address, long bytes, int advice) {
        invoke(MADVISE, address, bytes, advice);
    }

    private static long invoke(MethodHandle function, Object... arguments) {
        try {
            return ((Number) function.invokeWithArguments(arguments)).longValue();
        } catch (Throwable e) {
            throw new IllegalStateException("a system call could not be made", e);
        }
    }
}
