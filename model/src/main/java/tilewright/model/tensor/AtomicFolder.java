package tilewright.model.tensor;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tilewright.model.InvalidInputException;

/** Writes folders under a temporary name and moves them in place when they are complete. */
public final class AtomicFolder {
    private AtomicFolder() {}

    /** What fills the folder. */
    @FunctionalInterface
    public interface Content {
        /** Writes everything into a folder that is there and empty. */
        void writeTo(Path temporary) throws IOException;
    }

    /**
     * Creates {@code folder} and those it lies in; if {@code content} throws or the process is interrupted, it is
     * not there, or as empty as it was.
     *
     * @throws InvalidInputException if there is something in it
     * @throws IOException if it is a file or cannot be written
     */
    public static void create(Path folder, Content content) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        if (Files.isDirectory(target)) {
            try (Stream<Path> files = Files.list(target)) {
                if (files.findAny().isPresent()) {
                    throw new InvalidInputException(folder + ": the folder is not empty; give a new one");
                }
            }
        } else if (Files.exists(target)) {
            throw new FileAlreadyExistsException(folder.toString());
        }
        Path name = target.getFileName();
        Path partial =
                target.resolveSibling("." + name + "." + ProcessHandle.current().pid() + ".partial");
        Files.createDirectories(target.getParent() == null ? target : target.getParent());
        try (PartialOutput _ = new PartialOutput(partial)) {
            Files.createDirectory(partial);
            content.writeTo(partial);
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /**
     * Deletes a file, or a folder with all that is in it; nothing where there is none.
     *
     * @throws IOException if something cannot be deleted
     */
    public static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> walk = Files.walk(path)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : all) {
            Files.delete(each);
        }
    }
}
