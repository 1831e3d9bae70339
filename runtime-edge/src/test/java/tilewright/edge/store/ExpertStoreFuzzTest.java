package tilewright.edge.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.statistics.Statistics;
import tilewright.model.InvalidInputException;
import tilewright.model.store.StoreManifest;

/** Whatever a store's files hold, opening it succeeds or is refused in one line that names a file. */
class ExpertStoreFuzzTest {
    private static final String[] TEXTS = {"-1", "0", "1e99", "99999999999999999999", "\"x\"", "[]", "{}", "null", "9"};
    private static Path folder;
    private static Map<String, byte[]> valid;

    @BeforeContainer
    static void write() throws IOException {
        folder = Files.createTempDirectory("fuzzed-store").resolve("store");
        new SmallStore(folder, 5, false).write(StoreFiles.REAL, new Random(1));
        valid = SmallStore.contents(folder);
    }

    @AfterContainer
    static void remove() throws IOException {
        try (Stream<Path> files = Files.walk(folder.getParent())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void check(String name, byte[] content) {
        try {
            Files.write(folder.resolve(name), content);
            try (ExpertStore store = ExpertStore.open(folder)) {
                ResidentRecords resident = new ResidentRecords(store, folder.toString());
                for (int layer = 0; layer < store.layers(); layer++) {
                    resident.layer(layer, null);
                }
                Statistics.collect("read");
            } catch (InvalidInputException e) {
                Statistics.collect("refused");
                if (!e.getMessage().startsWith(folder.toString())
                        || e.getMessage().lines().count() != 1) {
                    throw new AssertionError("not one line that begins with a file: " + e.getMessage(), e);
                }
            } finally {
                Files.write(folder.resolve(name), valid.get(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Property
    void damagedIndicesAreRefusedOrRead(@ForAll Random random) {
        byte[] content = valid.get(StoreManifest.INDEX).clone();
        for (int i = 0; i <= random.nextInt(4); i++) {
            content[random.nextInt(content.length - Integer.BYTES)] =
                    (byte) (random.nextBoolean() ? random.nextInt() : -random.nextInt(3));
        }
        CRC32C checksum = new CRC32C();
        checksum.update(content, 0, content.length - Integer.BYTES);
        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putInt(content.length - Integer.BYTES, (int)
                checksum.getValue());
        check(StoreManifest.INDEX, content);
    }

    @Property
    void indicesCutShortOrRandomAreRefusedOrRead(@ForAll Random random) {
        byte[] content = new byte[random.nextInt(600)];
        random.nextBytes(content);
        byte[] from = valid.get(StoreManifest.INDEX);
        System.arraycopy(from, 0, content, 0, Math.min(random.nextInt(from.length), content.length));
        check(StoreManifest.INDEX, content);
    }

    @Property
    void damagedManifestsAreRefusedOrRead(@ForAll Random random) {
        String text = new String(valid.get(StoreManifest.FILE));
        int at = random.nextInt(text.length());
        String damaged = switch (random.nextInt(3)) {
            case 0 -> text.substring(0, at) + (char) random.nextInt(128) + text.substring(at + 1);
            case 1 -> text.substring(0, at) + text.substring(Math.min(text.length(), at + random.nextInt(40)));
            default ->
                text.replaceFirst("(?s)(.{" + at + "}[^:]*: )[0-9]+", "$1" + TEXTS[random.nextInt(TEXTS.length)]);
        };
        check(StoreManifest.FILE, damaged.getBytes());
    }

    @Property(tries = 100)
    void damagedRecordsAreRefusedUnlessTheDamageIsInTheirPadding(@ForAll Random random) {
        byte[] content = valid.get(StoreManifest.RECORDS).clone();
        content[random.nextInt(content.length)] ^= (byte) (1 << random.nextInt(8));
        check(StoreManifest.RECORDS, content);
    }
}
