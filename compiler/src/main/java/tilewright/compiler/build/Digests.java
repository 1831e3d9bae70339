package tilewright.compiler.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** SHA-256 digests of files. */
final class Digests {
    private static final int CHUNK = 1 << 16;

    private Digests() {}

    /** The digest of a text. */
    static String of(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The digest of a file's contents. */
    static String of(Path file) throws IOException {
        MessageDigest digest = sha256();
        update(digest, file);
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The digest of a model: the names and contents of its configuration and tensor files. */
    static String ofModel(Path folder) throws IOException {
        MessageDigest digest = sha256();
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> parts = files.filter(file -> {
                        String name = file.getFileName().toString();
                        return name.endsWith("config.json") || name.contains("safetensors") && name.startsWith("model");
                    })
                    .sorted()
                    .toList();
            for (Path part : parts) {
                digest.update(part.getFileName().toString().getBytes(StandardCharsets.UTF_8));
                update(digest, part);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void update(MessageDigest digest, Path file) throws IOException {
        byte[] chunk = new byte[CHUNK];
        try (InputStream input = Files.newInputStream(file)) {
            for (int read = input.read(chunk); read >= 0; read = input.read(chunk)) {
                digest.update(chunk, 0, read);
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
