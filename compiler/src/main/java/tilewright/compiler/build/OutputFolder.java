package tilewright.compiler.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;
import tilewright.compiler.CompileException;
import tilewright.model.tensor.PartialOutput;

/** A folder that appears whole or not at all: it is written under another name beside its place, then moved there. */
final class OutputFolder implements AutoCloseable {
    private final Path target;
    private final Path partial;
    private final PartialOutput guard;

    /**
     * Begins a folder.
     *
     * @param force whether an earlier build at that place may be replaced
     * @throws CompileException when something is there that may not be replaced
     */
    OutputFolder(Path target, boolean force) {
        this.target = target.toAbsolutePath().normalize();
        requireReplaceable(target, force);
        Path name = this.target.getFileName();
        if (name == null) {
            throw new CompileException(target + ": cannot be a build directory; name a folder below it");
        }
        partial = this.target.resolveSibling(
                "." + name + ".partial-" + ProcessHandle.current().pid());
        guard = new PartialOutput(partial);
        try {
            delete(partial); // of a run that was killed and had the same number
            Files.createDirectories(partial);
        } catch (IOException e) {
            throw new CompileException(target + ": cannot be written: " + e.getMessage() + "; choose another folder");
        }
    }

    /** Refuses a place where something lies that compiling must not replace; nothing is written. */
    static void requireReplaceable(Path target, boolean force) {
        if (!Files.exists(target)) {
            return;
        }
        if (!Files.isDirectory(target)) {
            throw new CompileException(target + ": is a file; choose another output folder");
        }
        try (Stream<Path> content = Files.list(target)) {
            if (content.findAny().isEmpty()) {
                return;
            }
        } catch (IOException e) {
            throw new CompileException(target + ": cannot be read: " + e.getMessage());
        }
        if (!Files.isRegularFile(target.resolve(BuildDirectory.MANIFEST))) {
            throw new CompileException(
                    target + ": the output folder is not empty and is no build directory;" + " choose another folder");
        }
        if (!force) {
            throw new CompileException(target + ": the output folder is not empty; --force replaces the build in it");
        }
    }

    /** Where to write. */
    Path partial() {
        return partial;
    }

    /** Moves what was written to its place; what was there is put back when that fails. */
    void publish() {
        try {
            Path old = partial.resolveSibling(partial.getFileName() + ".old");
            delete(old);
            boolean replaces = Files.exists(target);
            if (replaces) {
                Files.move(target, old);
            }
            try {
                Files.move(partial, target);
            } catch (IOException e) {
                if (replaces) {
                    Files.move(old, target);
                }
                throw e;
            }
            delete(old);
        } catch (IOException e) {
            throw new UncheckedIOException(target + ": the finished build cannot be moved there", e);
        }
    }

    /** Removes what was written, unless it was published. */
    @Override
    public void close() {
        try {
            guard.close();
        } catch (IOException e) {
            throw new UncheckedIOException(partial + ": cannot be removed; remove it by hand", e);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException problem) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
