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
 * How much of a file lies in the system's cache of files.
 *
 * <p>On Linux the system call {@code cachestat} says that (since 6.5), else {@code mincore} on a mapping that nobody touches, for
 * files that the user may write; elsewhere it is not known.
 */
@SuppressWarnings("restricted")
public final class CachedPages {
    /** What is said where nothing is known. */
    public static final long UNKNOWN = -1;

    /** The same number on all architectures. */
    private static final long CACHESTAT = 451;

    private static final int RANGE_BYTES = 16;
    private static final int STATISTICS_BYTES = 40;
    private static final long MAPPED_BYTES = 1L << 28;
    private static final int READ_ONLY = 0;

    private CachedPages() {}

    private record Calls(MethodHandle open, MethodHandle close, MethodHandle system, MethodHandle core, int page) {
        static final Calls ONLY = find();

        private static Calls find() {
            if (!System.getProperty("os.name").equals("Linux")) {
                return null;
            }
            ValueLayout.OfInt number = ValueLayout.JAVA_INT;
            ValueLayout.OfLong wide = ValueLayout.JAVA_LONG;
            ValueLayout address = ValueLayout.ADDRESS;
            try {
                MethodHandle page = call("getpagesize", FunctionDescriptor.of(number));
                return new Calls(
                        call("open", FunctionDescriptor.of(number, address, number)),
                        call("close", FunctionDescriptor.of(number, number)),
                        call(
                                "syscall",
                                FunctionDescriptor.of(wide, wide, number, address, address, number),
                                Linker.Option.firstVariadicArg(1)),
                        call("mincore", FunctionDescriptor.of(number, address, wide, address)),
                        (int) page.invokeExact());
            } catch (Throwable e) {
                return null;
            }
        }

        private static MethodHandle call(String name, FunctionDescriptor type, Linker.Option... options) {
            SymbolLookup library = Linker.nativeLinker().defaultLookup();
            return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), type, options);
        }
    }

    /** Bytes of the file's pages in the cache; {@link #UNKNOWN} where that cannot be found out. */
    public static long of(Path file) {
        if (Calls.ONLY == null) {
            return UNKNOWN;
        }
        try {
            long counted = counted(file);
            return counted == UNKNOWN ? looked(file) : counted;
        } catch (Throwable e) {
            return UNKNOWN;
        }
    }

    /** What {@code cachestat} says. */
    static long counted(Path file) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(file.toString());
            int descriptor = (int) Calls.ONLY.open().invokeExact(name, READ_ONLY);
            if (descriptor < 0) {
                return UNKNOWN;
            }
            // From byte 0 on; a length of 0 means up to the end.
            MemorySegment range = arena.allocate(RANGE_BYTES, Long.BYTES);
            MemorySegment statistics = arena.allocate(STATISTICS_BYTES, Long.BYTES);
            long refused = (long) Calls.ONLY.system().invokeExact(CACHESTAT, descriptor, range, statistics, 0);
            int failed = (int) Calls.ONLY.close().invokeExact(descriptor);
            return refused != 0 || failed != 0 ? UNKNOWN : statistics.get(ValueLayout.JAVA_LONG, 0) * Calls.ONLY.page();
        }
    }

    /** What {@code mincore} says, which takes all pages of others' files for cached. */
    static long looked(Path file) throws Throwable {
        if (!Files.isWritable(file)) {
            return UNKNOWN;
        }
        long pages = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (long at = 0; at < channel.size(); at += MAPPED_BYTES) {
                pages += resident(channel, at, Math.min(MAPPED_BYTES, channel.size() - at));
            }
        }
        return pages * Calls.ONLY.page();
    }

    private static long resident(FileChannel channel, long at, long bytes) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, at, bytes, arena);
            MemorySegment said = arena.allocate(Math.ceilDiv(bytes, Calls.ONLY.page()));
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
}
