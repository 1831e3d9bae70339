package tilewright.edge.expert;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * A file's pages in the system's cache of files.
 *
 * <p>On Linux they can be dropped; elsewhere nothing happens, without loss of function.
 */
@SuppressWarnings("restricted")
public final class FileCache implements AutoCloseable {
    private static final int READ_ONLY = 0;
    private static final int DONT_NEED = 4;

    private final int descriptor;

    private FileCache(int descriptor) {
        this.descriptor = descriptor;
    }

    private record Calls(MethodHandle open, MethodHandle advise, MethodHandle close) {
        static final Calls ONLY = find();

        private static Calls find() {
            if (!System.getProperty("os.name").equals("Linux")) {
                return null;
            }
            ValueLayout.OfInt number = ValueLayout.JAVA_INT;
            ValueLayout.OfLong wide = ValueLayout.JAVA_LONG;
            return new Calls(
                    call("open", FunctionDescriptor.of(number, ValueLayout.ADDRESS, number)),
                    call("posix_fadvise", FunctionDescriptor.of(number, number, wide, wide, number)),
                    call("close", FunctionDescriptor.of(number, number)));
        }

        private static MethodHandle call(String name, FunctionDescriptor type) {
            SymbolLookup library = Linker.nativeLinker().defaultLookup();
            return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), type);
        }
    }

    /** The pages of a file; of one that is not there none. */
    public static FileCache of(Path file) {
        if (Calls.ONLY == null) {
            return new FileCache(-1);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(file.toString());
            return new FileCache((int) Calls.ONLY.open().invokeExact(name, READ_ONLY));
        } catch (Throwable e) {
            throw new IllegalStateException("a system call could not be made", e);
        }
    }

    /** Drops pages that nobody has mapped or changed. */
    public synchronized void drop(long offset, long bytes) {
        if (descriptor >= 0) {
            try {
                int refused = (int) Calls.ONLY.advise().invokeExact(descriptor, offset, bytes, DONT_NEED);
                assert refused == 0 || refused > 0 : "advice may be refused";
            } catch (Throwable e) {
                throw new IllegalStateException("a system call could not be made", e);
            }
        }
    }

    /** Closes the file. */
    @Override
    public synchronized void close() {
        if (descriptor >= 0) {
            try {
                int failed = (int) Calls.ONLY.close().invokeExact(descriptor);
                assert failed <= 0 : "nothing is written, so nothing can be lost";
            } catch (Throwable e) {
                throw new IllegalStateException("a system call could not be made", e);
            }
        }
    }
}
