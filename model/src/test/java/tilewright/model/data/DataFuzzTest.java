package tilewright.model.data;

import static tilewright.model.tensor.Fuzzing.oneOf;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import tilewright.model.tensor.Fuzzing;

/** Whatever a data set's files hold, reading them succeeds or is refused; see {@link Fuzzing} for long runs. */
class DataFuzzTest {
    /** Deflate packs up to 1 032 bytes in one, and decoding an image takes a few copies of it. */
    private static final int HEAP_PER_FILE_BYTE = 8 * 1032;

    private static void check(String name, byte[] content) {
        Statistics.collect(
                Fuzzing.check(name, content, DataFuzzTest::readAll, HEAP_PER_FILE_BYTE) ? "read" : "refused");
    }

    private static void readAll(Path path) {
        ImageSet set = ImageSets.open(path);
        for (int i = 0; i < Math.min(set.count(), 20); i++) {
            set.floats(i);
            set.name(i);
            if (set.labelled()) {
                set.label(i);
            }
        }
    }

    @Property
    void randomBytesBehindAKnownBeginningAreRefusedOrRead(@ForAll Random random) {
        byte[] bytes = Fuzzing.anything(random, 200);
        byte[] start = oneOf(
                random,
                new byte[] {0, 0, 8, 3},
                new byte[] {0x1f, (byte) 0x8b, 8},
                "PK\3\4".getBytes(StandardCharsets.ISO_8859_1),
                ArchiveBytes.npy("", 0),
                new PngBytes().soFar(),
                new byte[0]);
        System.arraycopy(start, 0, bytes, 0, Math.min(start.length, bytes.length));
        check("data", bytes);
    }

    @Property
    void damagedIdxFilesAreRefusedOrRead(@ForAll Random random) {
        byte[] images = IdxBytes.file(8, new int[] {3, 2, 2}, 12);
        byte[] labels = IdxBytes.file(8, new int[] {3}, 3);
        byte[] damagedImages = random.nextBoolean() ? Fuzzing.damaged(images, random) : images;
        byte[] damagedLabels = random.nextBoolean() ? Fuzzing.damaged(labels, random) : labels;
        Fuzzing.Layout layout = folder -> {
            Files.write(folder.resolve("labels-idx1-ubyte"), damagedLabels);
            return Files.write(folder.resolve("images-idx3-ubyte"), damagedImages);
        };
        Statistics.collect(Fuzzing.check(layout, DataFuzzTest::readAll, HEAP_PER_FILE_BYTE) ? "read" : "refused");
    }

    @Property
    void idxFilesOfOddExtentsAreRefusedOrRead(@ForAll Random random) {
        int[] extents = new int[oneOf(random, 1, 3, 3, 3, 4)];
        long bytes = 1;
        for (int i = 0; i < extents.length; i++) {
            extents[i] = random.nextInt(5) > 0
                    ? 1 + random.nextInt(3)
                    : oneOf(random, 0, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE, -1);
            bytes *= extents[i];
        }
        int present = random.nextInt(4) == 0 ? random.nextInt(20) : Math.clamp(bytes, 0, 1 << 16);
        byte[] file = IdxBytes.file(oneOf(random, 8, 8, 8, 9, 0x0d), extents, present);
        check("data", random.nextBoolean() ? IdxBytes.gzipped(file) : file);
    }

    @Property
    void damagedGzipFilesAreRefusedOrRead(@ForAll Random random) {
        check("data.gz", Fuzzing.damaged(IdxBytes.gzipped(IdxBytes.file(8, new int[] {3, 4, 4}, 48)), random));
    }

    @Property
    void damagedArraysAreRefusedOrRead(@ForAll Random random) {
        byte[] array = Fuzzing.damaged(ArchiveBytes.npy("|u1", "(2, 2, 2)", 8), random);
        check("data", random.nextBoolean() ? array : ArchiveBytes.npz("images.npy", array));
    }

    @Property
    void arraysOfOddHeadersAreRefusedOrRead(@ForAll Random random) {
        String descr =
                oneOf(random, "|u1", "|u1", "|u1", "|u1", "|u1", "|u1", "<f4", "<f2", "<i8", ">f4", "|O", "|V8", "");
        String shape = oneOf(
                random,
                "(2, 2, 2)",
                "(2, 2, 2)",
                "(2, 4, 1)",
                "(2, 1, 2, 2)",
                "(2, 2, 2, 1)",
                "(1, 1, 2, 4)",
                "(2, 2, 2, 1)",
                "()",
                "(8,)",
                "(0, 1, 1)",
                "(4294967296, 1, 1)",
                "(9999999999999999999, 1, 1)",
                "(2L, 2, 2)",
                "(,)",
                "(2 2)",
                "(L,)");
        String order = oneOf(random, "False", "False", "False", "False", "False", "False", "True", "'x'", "()");
        String header = "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
        byte[] array = ArchiveBytes.npy(header, oneOf(random, 8, 8, 8, 8, 32, 16, 0));
        String name = oneOf(random, "images.npy", "x.npy", "pixel_values.npy");
        byte[] labels = ArchiveBytes.npy(oneOf(random, "|u1", "<i8", "<f4"), oneOf(random, "(2,)", "(1,)", "()"), 2);
        check(
                "data",
                random.nextBoolean() ? ArchiveBytes.npz(name, array) : ArchiveBytes.npz(name, array, "y.npy", labels));
    }

    @Property
    void damagedArchivesAreRefusedOrRead(@ForAll Random random) {
        byte[] archive = ArchiveBytes.npz(
                "x.npy", ArchiveBytes.npy("|u1", "(2, 2, 2)", 8), "y.npy", ArchiveBytes.npy("|u1", "(2,)", 2));
        byte[] damaged = Fuzzing.damaged(archive, random);
        if (random.nextBoolean()) {
            // Damage the directory at the end, which the unpacker believes.
            int half = archive.length / 2;
            byte[] end = Fuzzing.damaged(Arrays.copyOfRange(archive, half, archive.length), random);
            damaged = Arrays.copyOf(archive, half + end.length);
            System.arraycopy(end, 0, damaged, half, end.length);
        }
        check("data.npz", damaged);
    }

    @Property
    void damagedImagesAreRefusedOrRead(@ForAll Random random) {
        byte[] png = PngBytes.image(
                4, 2, 8, 2, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3);
        check("a.png", Fuzzing.damaged(png, random));
    }

    /** Checksums are right, so that the decoder is reached. */
    @Property
    void imagesOfOddChunksAreRefusedOrRead(@ForAll Random random) {
        int side = oneOf(random, 1, 2, 3, 9);
        int colourType = oneOf(random, 0, 2, 3, 4, 6, 1);
        int depth = oneOf(random, 1, 2, 4, 8, 8, 8, 16);
        int interlace = oneOf(random, 0, 0, 1);
        PngBytes png = new PngBytes().header(side, side, depth, colourType, interlace);
        if (random.nextInt(3) > 0) {
            png.chunk("PLTE", Fuzzing.anything(random, 20));
        }
        if (random.nextInt(4) == 0) {
            png.chunk("tRNS", Fuzzing.anything(random, 8));
        }
        if (random.nextInt(8) == 0) {
            png.header(oneOf(random, 1, 2, 100), 1, depth, oneOf(random, 0, 2, 3), interlace);
        }
        PngChunks.Header header = null;
        int[] rows = new int[random.nextInt(40)];
        if (depth != 16 && colourType != 1 && (depth == 8 || colourType == 0 || colourType == 3)) {
            header = new PngChunks.Header(side, side, colourType, depth, interlace == 1);
            rows = new int[(int) header.filteredBytes()];
        }
        for (int i = 0; i < rows.length; i++) {
            rows[i] = random.nextInt(oneOf(random, 2, 5, 256));
        }
        check(
                "a.png",
                random.nextInt(8) == 0
                        ? png.chunk("IDAT", Fuzzing.anything(random, 30)).end()
                        : png.data(rows).end());
    }

    @Property
    void labelFilesOfAnythingAreRefusedOrRead(@ForAll Random random) {
        StringBuilder text = new StringBuilder();
        int lines = random.nextInt(4);
        for (int i = 0; i < lines; i++) {
            String image = oneOf(random, "a.png", "b.png", "a.png", "b.png", "c", "", ",");
            String label = oneOf(random, "1", "23", "0", "-", "99999999999", "label");
            String separator = oneOf(random, ",", " ", "\t", ";", ", ", "");
            text.append(random.nextBoolean() ? image + separator + label : label)
                    .append(oneOf(random, "\n", "\r\n", "\0"));
        }
        Fuzzing.Layout layout = folder -> {
            Files.write(folder.resolve("a.png"), PngBytes.image(1, 1, 8, 0, 0, 1));
            Files.write(folder.resolve("b.png"), PngBytes.image(1, 1, 8, 0, 0, 2));
            Files.writeString(folder.resolve(oneOf(random, "labels.txt", "labels.csv")), text);
            return folder;
        };
        Statistics.collect(Fuzzing.check(layout, DataFuzzTest::readAll, HEAP_PER_FILE_BYTE) ? "read" : "refused");
    }
}
