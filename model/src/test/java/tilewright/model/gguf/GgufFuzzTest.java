package tilewright.model.gguf;

import static tilewright.model.tensor.Fuzzing.oneOf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.Fuzzing;

/** Whatever a GGUF file holds, opening it succeeds or is refused; see {@link Fuzzing} for long runs. */
class GgufFuzzTest {
    /** Entries, descriptions and decoded elements take tens of bytes of heap per byte of file. */
    private static final int HEAP_PER_FILE_BYTE = 256;

    private static final List<Path> CORPUS = corpus();

    private static List<Path> corpus() {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/gguf"))) {
            return files.filter(file -> file.toString().endsWith(".gguf"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens the file and asks for every value in every way, and for every tensor. */
    private static void readAll(Path path) {
        try (Gguf model = Gguf.open(path)) {
            GgufMetadata metadata = model.metadata();
            for (String key : metadata.keys()) {
                Stream.<Runnable>of(
                                () -> metadata.string(key),
                                () -> metadata.integer(key),
                                () -> metadata.count(key),
                                () -> metadata.number(key),
                                () -> metadata.flag(key),
                                () -> metadata.strings(key),
                                () -> metadata.integers(key),
                                () -> metadata.floats(key),
                                () -> metadata.flags(key),
                                () -> metadata.string(key + "x"))
                        .forEach(access -> runOrRefuse(access, path));
            }
            for (String name : model.names()) {
                model.floats(name);
            }
        }
    }

    private static void runOrRefuse(Runnable access, Path path) {
        try {
            access.run();
        } catch (InvalidInputException e) {
            String message = e.getMessage();
            if (!message.startsWith(path.getParent().toString())
                    || message.lines().count() != 1) {
                throw new AssertionError("not one line that begins with the file: " + message, e);
            }
        }
    }

    private static void check(byte[] content) {
        collect(Fuzzing.check("m.gguf", content, GgufFuzzTest::readAll, HEAP_PER_FILE_BYTE));
    }

    private static void collect(boolean read) {
        Statistics.collect(read ? "read" : "refused");
    }

    @Property
    void randomBytesAreRefusedOrRead(@ForAll Random random) {
        byte[] bytes = Fuzzing.anything(random, 200);
        check(random.nextBoolean() ? bytes : headed(bytes, random));
    }

    /** A valid start before anything. */
    private static byte[] headed(byte[] bytes, Random random) {
        GgufBytes file = GgufBytes.header(random.nextInt(3), random.nextInt(4));
        for (byte value : bytes) {
            file.u8(value);
        }
        return file.bytes();
    }

    @Property
    void damagedFilesAreRefusedOrRead(@ForAll Random random) throws IOException {
        byte[] valid = Files.readAllBytes(CORPUS.get(random.nextInt(CORPUS.size())));
        check(Fuzzing.damaged(valid, random));
    }

    /** Only the first 400 bytes, where lengths, counts and types stand. */
    @Property
    void damagedHeadersAreRefusedOrRead(@ForAll Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(CORPUS.get(random.nextInt(CORPUS.size())));
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(Math.min(bytes.length, 400));
            int value = oneOf(random, 0, 1, 2, 8, 9, 31, 32, 0x7f, 0x80, 0xff, random.nextInt(256));
            bytes[at] = (byte) value;
        }
        check(bytes);
    }

    @Property
    void wellFormedHeadersWithOddValuesAreRefusedOrRead(@ForAll Random random) {
        int entries = random.nextInt(4);
        int tensors = random.nextInt(4);
        GgufBytes file = GgufBytes.header(tensors, entries);
        for (int i = 0; i < entries; i++) {
            file.string(oneOf(random, "a", "k" + i, "general.alignment", "split.count", "split.no", "\u00ff", ""));
            int type = random.nextInt(14);
            value(file.u32(type), type, random, 0);
        }
        for (int i = 0; i < tensors; i++) {
            long[] shape = new long[random.nextInt(6)];
            for (int axis = 0; axis < shape.length; axis++) {
                shape[axis] = extent(random);
            }
            file.tensor(oneOf(random, "a", "t" + i, "", "\u00c3\u0028"), random.nextInt(42), offset(random), shape);
        }
        check(file.pad(32).floats(random.nextInt(300)).bytes());
    }

    private static long extent(Random random) {
        return oneOf(random, 0L, 1L, 2L, 32L, 256L, -1L, 33L, Long.MAX_VALUE, 1L << 32, 1L << 62, Long.MIN_VALUE);
    }

    private static long offset(Random random) {
        return oneOf(random, 0L, 0L, 32L, 64L, 1024L, 1L, -32L, Long.MAX_VALUE - 31, Long.MIN_VALUE);
    }

    private static void value(GgufBytes file, int type, Random random, int depth) {
        switch (type) {
            case 0, 1, 7 -> file.u8(random.nextInt(4));
            case 2, 3 -> file.u16(random.nextInt());
            case 4, 5, 6 -> file.u32(oneOf(random, 1, 2, 32, 64, random.nextInt()));
            case 8 -> string(file, random);
            case 9 -> {
                int elements = depth < 6 ? random.nextInt(14) : 0;
                int count = random.nextInt(4);
                file.u32(elements).u64(random.nextInt(10) == 0 ? oneOf(random, -1L, Long.MAX_VALUE, 1L << 61) : count);
                for (int i = 0; i < count; i++) {
                    value(file, elements, random, depth + 1);
                }
            }
            default -> file.u64(random.nextLong());
        }
    }

    private static void string(GgufBytes file, Random random) {
        String text = oneOf(random, "", "abc", "\u0000", "\u00ff\u00fe");
        file.u64(random.nextInt(10) == 0 ? oneOf(random, -1L, Long.MAX_VALUE, 1L << 33, 9L) : text.length())
                .text(text);
    }

    @Property
    void damagedPartsAreRefusedOrRead(@ForAll Random random) {
        int damaged = 1 + random.nextInt(3);
        Fuzzing.Layout layout = folder -> {
            for (int part = 1; part <= 3; part++) {
                String name = "split-0000" + part + "-of-00003.gguf";
                byte[] bytes = Files.readAllBytes(Path.of("src/test/resources/gguf", name));
                byte[] written = part == damaged ? Fuzzing.damaged(bytes, random) : bytes;
                if (part != damaged || random.nextInt(20) > 0) {
                    Files.write(folder.resolve(name), written);
                }
            }
            return folder.resolve("split-0000" + (1 + random.nextInt(3)) + "-of-00003.gguf");
        };
        collect(Fuzzing.check(layout, GgufFuzzTest::readAll, HEAP_PER_FILE_BYTE));
    }
}
