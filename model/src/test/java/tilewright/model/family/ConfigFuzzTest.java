package tilewright.model.family;

import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.model.InvalidInputException;

/** Random damage to config.json: a model loads, or is refused as input; nothing else. */
class ConfigFuzzTest {
    private static final int ROUNDS = 120;
    private static final String[] VALUES = {
        "0",
        "-1",
        "1",
        "3",
        "65536",
        "65537",
        "2147483648",
        "1e400",
        "-1e-400",
        "0.5",
        "null",
        "true",
        "\"\"",
        "\"cls\"",
        "[]",
        "[[1]]",
        "[1,2]",
        "{}",
        "{\"name\": 1}",
        "99999999999999999999999999"
    };

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"tiny", "tiny-m3vit"})
    void aReplacedValueIsAcceptedOrRefusedAsInput(String shape) throws IOException {
        RandomModels.write(temporary.resolve(shape), RandomModels.shape(shape));
        Path file = temporary.resolve(shape).resolve("config.json");
        ObjectMapper mapper = new ObjectMapper();
        byte[] original = Files.readAllBytes(file);
        for (int seed = 0; seed < ROUNDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            JsonNode root = mapper.readTree(original);
            List<Runnable> changes = new ArrayList<>();
            JsonNode value = mapper.readTree(VALUES[random.nextInt(VALUES.length)]);
            collect(root, value, changes);
            changes.get(random.nextInt(changes.size())).run();
            check(file, mapper.writeValueAsBytes(root), seed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny", "tiny-m3vit"})
    void damagedBytesAreAcceptedOrRefusedAsInput(String shape) throws IOException {
        RandomModels.write(temporary.resolve(shape), RandomModels.shape(shape));
        Path file = temporary.resolve(shape).resolve("config.json");
        byte[] original = Files.readAllBytes(file);
        for (int seed = 0; seed < ROUNDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] damaged = original.clone();
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            check(file, damaged, seed);
        }
    }

    private static void check(Path file, byte[] config, int seed) throws IOException {
        Files.write(file, config);
        try (LoadedModel model = Families.load(file.getParent())) {
            model.graph().types();
        } catch (InvalidInputException refused) {
            if (refused.getMessage().contains("\n")) {
                fail("seed " + seed + ": more than one line: " + refused.getMessage());
            }
        } catch (RuntimeException | Error e) {
            fail("seed " + seed + ": " + new String(config, StandardCharsets.UTF_8), e);
        }
    }

    /** All ways to put {@code value} somewhere below a node. */
    private static void collect(JsonNode node, JsonNode value, List<Runnable> changes) {
        if (node instanceof ObjectNode object) {
            for (var field : object.properties()) {
                changes.add(() -> object.set(field.getKey(), value));
                changes.add(() -> object.remove(field.getKey()));
                collect(field.getValue(), value, changes);
            }
        } else if (node instanceof ArrayNode array) {
            changes.add(() -> array.add(value));
            for (int i = 0; i < array.size(); i++) {
                int index = i;
                changes.add(() -> array.set(index, value));
                collect(array.get(i), value, changes);
            }
        }
    }
}
