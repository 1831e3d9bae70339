package tilewright.edge.expert;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Which experts a run used and had in memory, kept for the next one.
 *
 * <p>A text: a version, the digest of the experts, a line {@code layer expert heat present} for each expert that was used, and a
 * checksum. It is replaced as a whole: a process that is killed, or a power cut, at any moment leaves the old file or the new one. A
 * file of other experts, or a damaged one, is not used.
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
        save(HeatFiles.REAL, file, digest, rows);
    }

    static void save(HeatFiles files, Path file, String digest, List<Row> rows) throws IOException {
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
        ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
        Path target = file.toAbsolutePath();
        Files.createDirectories(target.getParent());
        removeStrays(files, target);
        Path partial = partial(target, ProcessHandle.current().pid());
        try {
            try (FileChannel channel = files.create(partial)) {
                while (bytes.hasRemaining()) {
                    files.write(channel, bytes);
                }
                // A name that lasts longer than what it names would be a damaged file after a power cut.
                files.force(channel);
            }
            files.move(partial, target);
            files.sync(target.getParent());
        } finally {
            files.delete(partial);
        }
    }

    /** The name under which a process writes the file. */
    static Path partial(Path file, long process) {
        return file.resolveSibling("." + file.getFileName() + "." + process + ".partial");
    }

    /** Removes what processes left that were killed while they wrote this file. */
    private static void removeStrays(HeatFiles files, Path target) {
        Pattern name =
                Pattern.compile("\\." + Pattern.quote(target.getFileName().toString()) + "\\.(\\d{1,18})\\.partial");
        try (Stream<Path> there = Files.list(target.getParent())) {
            for (Path each : there.toList()) {
                Matcher matcher = name.matcher(each.getFileName().toString());
                if (matcher.matches()
                        && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()) {
                    files.delete(each);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // They take a few bytes and are nobody's; the next one tries again.
        }
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
