package tilewright.edge.expert;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file's pages in the system's cache of files.
 *
 * <p>On Linux they can be dropped; elsewhere nothing happens, without loss of function. How many there are the system call
 * {@code cachestat} says on Linux (since 6.5), else {@code mincore} on a mapping that nobody touches, for files that the user may
 * write; elsewhere it is not known.
 */
@SuppressWarnings("restricted")
public final class FileCache implements AutoCloseable {
    /** What is said where nothing is known. */
    public static final long UNKNOWN = -1;

    private static final int READ_ONLY = 0;
    private static final int DONT_NEED = 4;

    /** The same number on all architectures. */
    private static final long CACHESTAT = 451;

    private static final int RANGE_BYTES = 16;
    private static final int STATISTICS_BYTES = 40;
    private static final long MAPPED_BYTES = 1L << 28;

    private final int descriptor;

    private FileCache(int descriptor) {
        this.descriptor = descriptor;
    }

    private record Calls(
            MethodHandle open,
            MethodHandle advise,
            MethodHandle close,
            MethodHandle system,
            MethodHandle core,
            MethodHandle page) {
        static final Calls ONLY = find();

        private static Calls find() {
            if (!System.getProperty("os.name").equals("Linux")) {
                return null;
            }
            ValueLayout.OfInt number = ValueLayout.JAVA_INT;
            ValueLayout.OfLong wide = ValueLayout.JAVA_LONG;
            ValueLayout address = ValueLayout.ADDRESS;
            return new Calls(
                    call("open", FunctionDescriptor.of(number, address, number)),
                    call("posix_fadvise", FunctionDescriptor.of(number, number, wide, wide, number)),
                    call("close", FunctionDescriptor.of(number, number)),
                    call(
                            "syscall",
                            FunctionDescriptor.of(wide, wide, number, address, address, number),
                            Linker.Option.firstVariadicArg(1)),
                    call("mincore", FunctionDescriptor.of(number, address, wide, address)),
                    call("getpagesize", FunctionDescriptor.of(number)));
        }

        private static MethodHandle call(String name, FunctionDescriptor type, Linker.Option... options) {
            SymbolLookup library = Linker.nativeLinker().defaultLookup();
            return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), type, options);
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

    /** Bytes of a file's pages in the cache; {@link #UNKNOWN} where that cannot be found out. */
    public static long bytes(Path file) {
        try {
            long counted = counted(file);
            return counted == UNKNOWN ? looked(file) : counted;
        } catch (Throwable e) {
            return UNKNOWN;
        }
    }

    /** What {@code cachestat} says. */
    static long counted(Path file) throws Throwable {
        try (FileCache cache = of(file);
                Arena arena = Arena.ofConfined()) {
            if (cache.descriptor < 0) {
                return UNKNOWN;
            }
            // From byte 0 on; a length of 0 means up to the end.
            MemorySegment range = arena.allocate(RANGE_BYTES, Long.BYTES);
            MemorySegment statistics = arena.allocate(STATISTICS_BYTES, Long.BYTES);
            long refused = (long) Calls.ONLY.system().invokeExact(CACHESTAT, cache.descriptor, range, statistics, 0);
            return refused != 0 ? UNKNOWN : statistics.get(ValueLayout.JAVA_LONG, 0) * pageBytes();
        }
    }

    /** What {@code mincore} says, which takes all pages of others' files for cached. */
    static long looked(Path file) throws Throwable {
        if (Calls.ONLY == null || !Files.isWritable(file)) {
            return UNKNOWN;
        }
        long pages = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (long at = 0; at < channel.size(); at += MAPPED_BYTES) {
                pages += resident(channel, at, Math.min(MAPPED_BYTES, channel.size() - at));
            }
        }
        return pages * pageBytes();
    }

    private static long resident(FileChannel channel, long at, long bytes) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, at, bytes, arena);
            MemorySegment said = arena.allocate(Math.ceilDiv(bytes, pageBytes()));
            if ((int) Calls.ONLY.core().invokeExact(mapped, bytes, said) != 0) {
                throw new IOException("mincore was refused");
            }
            long found = 0;
            for (long page = 0; page < said.byteSize(); page++) {
                found += said.get(ValueLayout.JAVA_BYTE, page) & 1;
            }
            return found;
        }
    }

    private static int pageBytes() throws Throwable {
        return (int) Calls.ONLY.page().invokeExact();
    }
}
