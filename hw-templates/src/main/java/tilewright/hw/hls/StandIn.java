package tilewright.hw.hls;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The headers under the vendor's names ({@code ap_int.h}, {@code hls_stream.h}, {@code hls_vector.h}) with which a plain
 * C++17 compiler builds an emitted design; each says where it differs from the vendor's.
 */
public final class StandIn {
    private static final List<String> FILES = List.of("ap_int.h", "hls_stream.h", "hls_vector.h");

    private StandIn() {}

    /** The names of the headers, in alphabetical order. */
    public static List<String> files() {
        return FILES;
    }

    /**
     * Writes the headers into a folder, which is made when it does not exist; files of these names are replaced.
     *
     * @throws UncheckedIOException when the folder cannot be written
     */
    public static void writeTo(Path folder) {
        try {
            Files.createDirectories(folder);
            for (String file : FILES) {
                Files.write(folder.resolve(file), text(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot write the stand-in headers; is the folder writable?", e);
        }
    }

    private static byte[] text(String file) throws IOException {
        try (InputStream in = StandIn.class.getResourceAsStream("/tilewright/hls/standin/" + file)) {
            if (in == null) {
                throw new IllegalStateException("resource tilewright/hls/standin/" + file + " is missing; rebuild");
            }
            return in.readAllBytes();
        }
    }
}
