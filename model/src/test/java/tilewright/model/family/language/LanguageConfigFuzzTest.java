package tilewright.model.family.language;

import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorSource;

/** Random damage to the configurations of sample models: a model's graph is built, or refused as input; nothing else. */
class LanguageConfigFuzzTest {
    private static final int ROUNDS = Integer.getInteger("tilewright.fuzz.rounds", 60);
    private static final String[] VALUES = {
        "0",
        "-1",
        "1",
        "3",
        "7",
        "65537",
        "2147483648",
        "9223372036854775807",
        "1e300",
        "-1e-300",
        "0.5",
        "null",
        "true",
        "\"\"",
        "\"x\"",
        "[]",
        "[[1]]",
        "[1, 2]",
        "{}",
        "{\"rope_type\": \"yarn\"}",
        "{\"rope_type\": \"longrope\", \"factor\": 0}",
        "99999999999999999999999999"
    };

    static List<Path> samples() throws IOException {
        return ArchZooTest.samples();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aChangedConfigurationIsAcceptedOrRefusedAsInput(Path folder) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        byte[] original = Files.readAllBytes(folder.resolve("config.json"));
        FamilyLibrary library = FamilyLibrary.builtIn();
        String modelType = mapper.readTree(original).path("model_type").textValue();
        FamilyFile family = library.byModelType(modelType);
        try (TensorSource tensors = Safetensors.open(folder)) {
            for (int seed = 0; seed < ROUNDS; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                ObjectNode root = (ObjectNode) mapper.readTree(original);
                for (int i = random.nextInt(1, 3); i > 0; i--) {
                    change(root, mapper.readTree(VALUES[random.nextInt(VALUES.length)]), random);
                }
                check(root, family, library, tensors, seed);
            }
        }
    }

    private static void check(
            ObjectNode root, FamilyFile family, FamilyLibrary library, TensorSource tensors, int seed) {
        try {
            new ModelBuilder("config.json", family, library, Config.fields(root, ""), tensors, null, null).build();
        } catch (InvalidInputException refused) {
            if (refused.getMessage().contains("\n")) {
                fail("seed " + seed + ": more than one line: " + refused.getMessage());
            }
        } catch (RuntimeException | Error e) {
            fail("seed " + seed + ": " + root, e);
        }
    }

    /** Replaces or removes a value of the object or of one inside it. */
    private static void change(ObjectNode object, JsonNode value, SplittableRandom random) {
        List<String> keys = new ArrayList<>();
        object.fieldNames().forEachRemaining(keys::add);
        if (keys.isEmpty()) {
            return;
        }
        String key = keys.get(random.nextInt(keys.size()));
        if (object.get(key) instanceof ObjectNode inner && random.nextBoolean()) {
            change(inner, value, random);
        } else if (random.nextInt(5) == 0) {
            object.remove(key);
        } else {
            object.set(key, value);
        }
    }
}
