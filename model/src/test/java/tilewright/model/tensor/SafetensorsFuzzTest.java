package tilewright.model.tensor;

import static tilewright.model.tensor.Fuzzing.oneOf;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/** Whatever a safetensors file or index holds, opening it succeeds or is refused; see {@link Fuzzing} for long runs. */
class SafetensorsFuzzTest {
    /** Names, descriptions and decoded elements take tens of bytes of heap per byte of header. */
    private static final int HEAP_PER_FILE_BYTE = 256;

    private static void check(String name, byte[] content) {
        Statistics.collect(
                Fuzzing.check(name, content, SafetensorsFuzzTest::readAll, HEAP_PER_FILE_BYTE) ? "read" : "refused");
    }

    private static void readAll(Path path) {
        try (TensorSource source = Safetensors.open(path)) {
            for (String name : source.names()) {
                source.floats(name);
                source.finiteFloats(name);
            }
        }
    }

    private static byte[] valid() {
        String json =
                "{\"__metadata__\":{\"format\":\"pt\"}," + SafetensorsBytes.tensor("a", "F32", "[2,2]", 0, 16) + ","
                        + SafetensorsBytes.tensor("b.weight", "BF16", "[3]", 16, 22) + ","
                        + SafetensorsBytes.tensor("c", "I64", "[]", 22, 30) + "}";
        return SafetensorsBytes.file(json, 30);
    }

    @Property
    void randomBytesAreRefusedOrRead(@ForAll Random random) {
        check("model.safetensors", Fuzzing.anything(random, 200));
    }

    @Property
    void randomHeadersAreRefusedOrRead(@ForAll Random random) {
        byte[] header = Fuzzing.anything(random, 100);
        check("model.safetensors", SafetensorsBytes.withLength(header.length, header, new byte[random.nextInt(9)]));
    }

    @Property
    void damagedFilesAreRefusedOrRead(@ForAll Random random) {
        check("model.safetensors", Fuzzing.damaged(valid(), random));
    }

    /** Damages the header's text but keeps its length right, so that the parser is reached. */
    @Property
    void damagedHeadersAreRefusedOrRead(@ForAll Random random) {
        byte[] file = valid();
        int headerBytes = file.length - 8 - 30;
        byte[] header = new byte[headerBytes];
        System.arraycopy(file, 8, header, 0, headerBytes);
        header = Fuzzing.damaged(header, random);
        check("model.safetensors", SafetensorsBytes.withLength(header.length, header, new byte[30]));
    }

    @Property
    void wellFormedHeadersWithOddValuesAreRefusedOrRead(@ForAll Random random) {
        List<String> entries = new ArrayList<>();
        long end = 0;
        int tensors = random.nextInt(5);
        for (int i = 0; i < tensors; i++) {
            String name = oneOf(random, "a", "b", "c" + i, "d" + i, "__metadata__", "\\u0000", "\\ud800", "");
            String dtype = oneOf(
                    random, "F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL", "U64", "F8_E4M3",
                    "F8_X", "Q4_0");
            String shape = oneOf(random, "[]", "[1]", "[0]", "[2,3]", "[1,1,1,1,1]", odd(random));
            long bytes = random.nextInt(8) == 0 ? random.nextInt(40) : bytes(dtype, shape);
            long begin = random.nextInt(8) == 0 ? random.nextInt(40) : end;
            end = begin + bytes;
            entries.add(SafetensorsBytes.tensor(name, dtype, shape, begin, end));
        }
        int dataBytes = random.nextInt(8) == 0 ? random.nextInt(80) : (int) Math.min(Math.max(end, 0), 1 << 16);
        check("model.safetensors", SafetensorsBytes.file("{" + String.join(",", entries) + "}", dataBytes));
    }

    private static String odd(Random random) {
        return oneOf(
                random,
                "[-1]",
                "[9223372036854775807]",
                "[4294967296,4294967296]",
                "[0,9223372036854775807,2]",
                "[1e0]",
                "[\"1\"]",
                "[null]",
                "[[1]]",
                "{}",
                "null",
                "[-0]",
                "[99999999999999999999]");
    }

    private static long bytes(String dtype, String shape) {
        long elements = switch (shape) {
            case "[0]" -> 0;
            case "[2,3]" -> 6;
            default -> 1;
        };
        return elements * DType.fromLabel(dtype).map(DType::bytes).orElse(1);
    }

    @Property
    void damagedIndicesAreRefusedOrRead(@ForAll Random random) {
        String index = "{\"metadata\":{\"total_size\":60},\"weight_map\":{\"a\":\"m1.safetensors\","
                + "\"b.weight\":\"m1.safetensors\",\"c\":\"m1.safetensors\",\"x\":\"m2.safetensors\"}}";
        byte[] damaged = Fuzzing.damaged(index.getBytes(StandardCharsets.UTF_8), random);
        checkFolder(random.nextInt(10) == 0 ? Fuzzing.anything(random, 100) : damaged);
    }

    @Property
    void wellFormedIndicesWithOddValuesAreRefusedOrRead(@ForAll Random random) {
        List<String> entries = new ArrayList<>();
        for (String tensor : List.of("a", "b.weight", "c", "x", oneOf(random, "a", "y", "\\n", "x2"))) {
            String good = tensor.equals("x") ? "m2.safetensors" : "m1.safetensors";
            String shard = random.nextInt(6) > 0
                    ? good
                    : oneOf(
                            random,
                            "m1.safetensors",
                            "../m1.safetensors",
                            "/dev/zero",
                            "",
                            ".",
                            "\\u0000.safetensors",
                            "\\ud800.safetensors",
                            "m3.safetensors",
                            "m1.safetensors/",
                            "~/m1.safetensors",
                            "dir");
            if (random.nextInt(6) > 0) {
                entries.add("\"" + tensor + "\":\"" + shard + "\"");
            }
        }
        checkFolder(("{\"weight_map\":{" + String.join(",", entries) + "}}").getBytes(StandardCharsets.UTF_8));
    }

    private static void checkFolder(byte[] index) {
        Fuzzing.Layout layout = folder -> {
            Files.write(folder.resolve("m1.safetensors"), valid());
            Files.write(
                    folder.resolve("m2.safetensors"),
                    SafetensorsBytes.file("{" + SafetensorsBytes.tensor("x", "U8", "[1]", 0, 1) + "}", 1));
            Files.write(folder.resolve("model.safetensors.index.json"), index);
            return folder;
        };
        Statistics.collect(
                Fuzzing.check(layout, SafetensorsFuzzTest::readAll, HEAP_PER_FILE_BYTE) ? "read" : "refused");
    }
}
