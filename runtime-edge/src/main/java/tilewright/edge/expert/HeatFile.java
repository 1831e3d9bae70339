package tilewright.edge.expert;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import tilewright.model.tensor.AtomicFile;

/**
 * Which experts a run used and had in memory, kept for the next one.
 *
 * <p>A text: a version, the digest of the experts, a line {@code layer expert heat present} for each expert that was used, and a
 * checksum. It is replaced as a whole; a file of other experts, or a damaged one, is not used.
 */
final class HeatFile {
    private static final String VERSION = "tilewright heat 1";
    private static final long MOST_BYTES = 64L << 20;

    private HeatFile() {}

    /**
     * What is known of one expert.
     *
     * @param heat how often it was used lately
     * @param present whether it was in memory
     */
    record Row(int layer, int expert, double heat, boolean present) {}

    /**
     * Writes a file.
     *
     * @throws IOException when that fails; an older file stays then
     */
    static void save(Path file, String digest, List<Row> rows) throws IOException {
        StringBuilder text = new StringBuilder(VERSION + "\n" + digest + "\n");
        for (Row row : rows) {
            text.append(row.layer())
                    .append(' ')
                    .append(row.expert())
                    .append(' ')
                    .append(row.heat());
            text.append(row.present() ? " 1\n" : " 0\n");
        }
        String sum = checksum(text.toString());
        text.append("crc ").append(sum).append('\n');
        Files.createDirectories(file.toAbsolutePath().getParent());
        AtomicFile.write(file, channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        });
    }

    private static String checksum(String text) {
        CRC32C sum = new CRC32C();
        sum.update(text.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(sum.getValue());
    }

    /**
     * Reads a file.
     *
     * @return empty when it is not there, is of other experts, or is damaged
     */
    static Optional<List<Row>> load(Path file, String digest) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
                return Optional.empty();
            }
            String text = Files.readString(file);
            int end = text.lastIndexOf("crc ");
            if (end < 0 || !text.substring(end).equals("crc " + checksum(text.substring(0, end)) + "\n")) {
                return Optional.empty();
            }
            String[] lines = text.substring(0, end).split("\n");
            if (lines.length < 2 || !lines[0].equals(VERSION) || !lines[1].equals(digest)) {
                return Optional.empty();
            }
            List<Row> rows = new ArrayList<>();
            for (int i = 2; i < lines.length; i++) {
                String[] fields = lines[i].split(" ");
                double heat = Double.parseDouble(fields[2]);
                if (!(heat >= 0 && heat < Double.MAX_VALUE)) {
                    return Optional.empty();
                }
                rows.add(
                        new Row(Integer.parseInt(fields[0]), Integer.parseInt(fields[1]), heat, fields[3].equals("1")));
            }
            return Optional.of(rows);
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }
}
