package tilewright.sim.rtl.bench;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;

/** Where the record of one failing run is put. */
final class FailureFolder {
    private FailureFolder() {}

    /** The stream that takes what is set and ticked; makes the folder. */
    static DataOutputStream stimulus(Path folder) throws IOException {
        Files.createDirectories(folder);
        return new DataOutputStream(new BufferedOutputStream(
                new GZIPOutputStream(Files.newOutputStream(folder.resolve(FailureRecord.STIMULUS)))));
    }

    /** Writes the design and what is known of the failure. */
    static void describe(Path folder, FailureRecord record, String systemVerilog) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(FailureRecord.DESIGN), systemVerilog);
        record.write(folder);
    }

    /** The SHA-256 of a text, in hexadecimal. */
    static String digest(String text) {
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
