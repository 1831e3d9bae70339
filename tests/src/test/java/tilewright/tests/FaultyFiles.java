package tilewright.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import tilewright.edge.matrix.nativecode.NativeCodeException;
import tilewright.edge.matrix.nativecode.NativeCompiler;

/** A library that stands between a process and the system, and lets reads and writes of one file fail. */
final class FaultyFiles {
    private static final String SOURCE = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <unistd.h>

            static long done;

            static int is(const char *kind, int descriptor) {
                const char *file = getenv("FAULT_FILE"), *wanted = getenv("FAULT_KIND");
                char link[64], path[4096];
                if (!file || !wanted || strcmp(kind, wanted)) return 0;
                snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
                ssize_t length = readlink(link, path, sizeof path - 1);
                if (length < 0) return 0;
                path[length] = 0;
                return strstr(path, file) != NULL;
            }

            static long limit(void) { return atol(getenv("FAULT_AFTER")); }

            ssize_t pread64(int descriptor, void *to, size_t bytes, off64_t at) {
                ssize_t (*real)(int, void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pread64");
                if (is("eio", descriptor) && __sync_fetch_and_add(&done, 1) >= limit()) {
                    errno = EIO;
                    return -1;
                }
                if (bytes > 4096 && is("short", descriptor))
                    bytes = 4096 * (1 + __sync_fetch_and_add(&done, 1) % (bytes / 4096));
                return real(descriptor, to, bytes, at);
            }

            static int full(int descriptor, size_t bytes) {
                if (!is("full", descriptor) || __sync_add_and_fetch(&done, bytes) <= limit()) return 0;
                errno = ENOSPC;
                return 1;
            }

            ssize_t pwrite64(int descriptor, const void *from, size_t bytes, off64_t at) {
                ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
                return full(descriptor, bytes) ? -1 : real(descriptor, from, bytes, at);
            }

            ssize_t write(int descriptor, const void *from, size_t bytes) {
                ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
                return full(descriptor, bytes) ? -1 : real(descriptor, from, bytes);
            }
            """;

    /** What is done to a file's reads or writes. */
    enum Kind {
        /** Reads fail after some: "Input/output error". */
        EIO,
        /** Reads give fewer bytes than were asked for, whole pages at least. */
        SHORT,
        /** Writes fail after some bytes: "No space left on device". */
        FULL
    }

    private final Path library;

    /** Compiles the library into a folder; the test is skipped where that cannot be done. */
    FaultyFiles(Path folder) throws IOException {
        Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"), "files are made to fail on Linux only");
        Path source = Files.writeString(folder.resolve("faulty.c"), SOURCE);
        library = folder.resolve("faulty.so");
        try {
            Process compiler = new ProcessBuilder(
                            NativeCompiler.find().command().toString(),
                            "-shared",
                            "-fPIC",
                            "-O1",
                            "-o",
                            library.toString(),
                            source.toString(),
                            "-ldl")
                    .inheritIO()
                    .start();
            Assumptions.assumeTrue(
                    compiler.waitFor(60, TimeUnit.SECONDS) && compiler.exitValue() == 0,
                    "the library could not be compiled");
        } catch (NativeCodeException e) {
            Assumptions.abort("no C compiler: " + e.getMessage());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** The environment of a process one of whose files fails. */
    Map<String, String> environment(Kind kind, String file, long after) {
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "FAULT_KIND",
                kind.name().toLowerCase(Locale.ROOT),
                "FAULT_FILE",
                file,
                "FAULT_AFTER",
                Long.toString(after));
    }
}
