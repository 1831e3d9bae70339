package tilewright.model.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an interrupted process leaves. */
class PartialOutputTest {
    private static final int INTERRUPTED = 130;

    @TempDir
    Path folder;

    /** A process that ends, as after Ctrl-C, while it writes. */
    static final class Interrupted {
        private Interrupted() {}

        /** Begins a file or a folder, and ends. */
        public static void main(String[] arguments) throws IOException {
            Path output = Path.of(arguments[1]);
            if (arguments[0].equals("file")) {
                AtomicFile.write(output, channel -> {
                    channel.write(ByteBuffer.wrap(new byte[4096]));
                    System.exit(INTERRUPTED);
                });
            } else {
                AtomicFolder.create(output, partial -> {
                    Files.writeString(partial.resolve("a"), "a");
                    System.exit(INTERRUPTED);
                });
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "folder"})
    void nothingIsLeftOfWhatWasNotComplete(String kind) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Interrupted.class.getName(),
                        kind,
                        folder.resolve("output").toString())
                .inheritIO()
                .start();
        assertEquals(INTERRUPTED, process.waitFor());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
    }
}
