package tilewright.model.family.language;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.model.graph.RopeFrequencies;

/** Frequencies against those that transformers 5.18 computes in float32 ({@code rope-frequencies.json}). */
class RopeScalingTest {
    private static final double TOLERANCE = 3e-6;

    static List<JsonNode> references() throws IOException {
        try (InputStream stream = RopeScalingTest.class.getResourceAsStream("rope-frequencies.json")) {
            List<JsonNode> cases = new ArrayList<>();
            new ObjectMapper().readTree(stream).forEach(cases::add);
            return cases;
        }
    }

    @ParameterizedTest
    @MethodSource("references")
    void aScalingGivesTheReferenceFrequencies(JsonNode reference) {
        check(reference, reference.path("config"), null);
    }

    @ParameterizedTest
    @MethodSource("references")
    void theOlderSpellingMeansTheSame(JsonNode reference) {
        ObjectNode config = reference.path("config").deepCopy();
        ObjectNode scaling = (ObjectNode) config.remove("rope_parameters");
        config.set("rope_theta", scaling.remove("rope_theta"));
        scaling.set("type", scaling.remove("rope_type"));
        config.set("rope_scaling", scaling);
        check(reference, config, null);
    }

    @ParameterizedTest
    @MethodSource("references")
    void aLayerTypeHasSettingsOfItsOwn(JsonNode reference) {
        ObjectNode config = reference.path("config").deepCopy();
        ObjectNode parameters = new ObjectMapper().createObjectNode();
        parameters.set("full_attention", config.get("rope_parameters"));
        parameters.putObject("sliding_attention").put("rope_theta", 10.0);
        config.set("rope_parameters", parameters);
        check(reference, config, "full_attention");
    }

    private static void check(JsonNode reference, JsonNode config, String layerType) {
        RopeFrequencies frequencies = RopeScaling.frequencies(
                Config.fields(config, ""),
                reference.path("rotary").intValue(),
                layerType,
                new Value.Null(null),
                true,
                new double[0]);
        RopeFrequencies.Fixed found = frequencies.at(reference.path("length").longValue());
        String note = reference.path("note").textValue();
        assertEquals(reference.path("magnitude").doubleValue(), found.magnitude(), 1e-12, note);
        JsonNode inverse = reference.path("inverse");
        assertEquals(inverse.size(), found.inverse().size(), note);
        for (int i = 0; i < inverse.size(); i++) {
            double expected = inverse.get(i).doubleValue();
            assertEquals(expected, found.inverse().get(i), TOLERANCE * expected, note + ", pair " + i);
        }
    }
}
