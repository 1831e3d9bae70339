package tilewright.compiler.profile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.ExpertMatrix;

/**
 * What a profile says of itself.
 *
 * @param model digest of the model, hexadecimal
 * @param text digest of the calibration ids, hexadecimal
 * @param tokens that were routed
 * @param window tokens that ran together from position 0
 * @param rowTokens tokens whose rows are kept; 0 for none
 * @param loss mean negative log likelihood of the calibration text, in nats per token; not a number where it was not measured
 * @param settings digest of the model, the text and all options that the profile follows from, hexadecimal; empty in profiles of earlier
 *     versions
 * @param quantiser the quantiser of the output errors
 * @param sensitivity the unit in which sensitivity was measured: {@code matrix}, {@code expert}, {@code layer},
 *     {@code sampled} or {@code none}
 * @param layers the layers of experts
 * @param trials measured allocations, rule by rule
 */
record ProfileHeader(
        String model,
        String text,
        long tokens,
        int window,
        int rowTokens,
        double loss,
        String settings,
        String quantiser,
        String sensitivity,
        List<LayerShape> layers,
        List<Trial> trials) {
    /** The version that this code writes, and the only one that it reads. */
    static final int VERSION = 2;

    private static final String FORMAT = "tilewright profile";
    private static final int MOST_LAYERS = 1 << 14;
    private static final int MOST_EXPERTS = 1 << 16;
    private static final int MOST_WIDTH = 1 << 24;
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /**
     * One layer of experts.
     *
     * @param experts with weights
     * @param topK experts of a token
     * @param width inputs of gate and up
     * @param hidden inputs of down
     * @param outputs of down
     * @param gated whether there is an up matrix
     * @param inputBlock side of the blocks of the second moments of {@code width} inputs
     * @param hiddenBlock side of the blocks of the second moments of {@code hidden} inputs
     * @param tokenWidth elements of a token's row before it is sent to experts
     */
    record LayerShape(
            int experts,
            int topK,
            int width,
            int hidden,
            int outputs,
            boolean gated,
            int inputBlock,
            int hiddenBlock,
            int tokenWidth) {
        /** The matrices of an expert. */
        List<ExpertMatrix> matrices() {
            return gated ? List.of(ExpertMatrix.values()) : List.of(ExpertMatrix.GATE, ExpertMatrix.DOWN);
        }

        /** Inputs of a matrix. */
        int inputs(ExpertMatrix matrix) {
            return matrix == ExpertMatrix.DOWN ? hidden : width;
        }

        /** Side of the blocks of a matrix's second moments. */
        int block(ExpertMatrix matrix) {
            return matrix == ExpertMatrix.DOWN ? hiddenBlock : inputBlock;
        }

        /** Weights of a matrix of one expert. */
        long elements(ExpertMatrix matrix) {
            return switch (matrix) {
                case GATE -> (long) hidden * width;
                case UP -> gated ? (long) hidden * width : 0;
                case DOWN -> (long) outputs * hidden;
            };
        }
    }

    ProfileHeader {
        layers = List.copyOf(layers);
        trials = List.copyOf(trials);
    }

    /** As JSON. */
    String json() {
        ObjectNode root = JSON.createObjectNode();
        root.put("format", FORMAT).put("version", VERSION).put("model", model).put("text", text);
        root.put("tokens", tokens).put("window", window).put("row_tokens", rowTokens);
        if (Double.isFinite(loss)) {
            root.put("loss", loss);
        }
        root.put("settings", settings).put("quantiser", quantiser).put("sensitivity", sensitivity);
        ArrayNode shapes = root.putArray("layers");
        for (LayerShape layer : layers) {
            shapes.addObject()
                    .put("experts", layer.experts)
                    .put("top_k", layer.topK)
                    .put("width", layer.width)
                    .put("hidden", layer.hidden)
                    .put("outputs", layer.outputs)
                    .put("gated", layer.gated)
                    .put("input_block", layer.inputBlock)
                    .put("hidden_block", layer.hiddenBlock)
                    .put("token_width", layer.tokenWidth);
        }
        ArrayNode measured = root.putArray("trials");
        for (Trial trial : trials) {
            measured.addObject()
                    .put("rule", trial.rule())
                    .put("bits_per_weight", trial.bitsPerWeight())
                    .put("sum", trial.sum())
                    .put("divergence", trial.divergence())
                    .put("loss_increase", trial.lossIncrease())
                    .put("standard_error", trial.standardError())
                    .put("tokens", trial.tokens());
        }
        return root.toString();
    }

    /**
     * Reads JSON.
     *
     * @param place what messages begin with: the file
     * @throws InvalidInputException when a field is missing or out of range, or the version is another one
     */
    static ProfileHeader parse(String place, String text) {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    place + ": the profile's description is not JSON; make the profile again", e);
        }
        Fields fields = new Fields(place, "", root);
        if (!FORMAT.equals(root.path("format").asText())) {
            throw new InvalidInputException(place + ": is no profile; make one with tilewright profile");
        }
        long version = fields.integer("version", 0, Integer.MAX_VALUE);
        if (version != VERSION) {
            throw new InvalidInputException(place + ": is a profile of version " + version + ", expected " + VERSION
                    + "; make the profile again");
        }
        List<LayerShape> layers = new ArrayList<>();
        for (Fields layer : fields.items("layers", 1, MOST_LAYERS)) {
            int experts = (int) layer.integer("experts", 1, MOST_EXPERTS);
            int width = (int) layer.integer("width", 1, MOST_WIDTH);
            int hidden = (int) layer.integer("hidden", 1, MOST_WIDTH);
            layers.add(new LayerShape(
                    experts,
                    (int) layer.integer("top_k", 1, MOST_EXPERTS),
                    width,
                    hidden,
                    (int) layer.integer("outputs", 1, MOST_WIDTH),
                    layer.truth("gated"),
                    (int) layer.integer("input_block", 1, width),
                    (int) layer.integer("hidden_block", 1, hidden),
                    (int) layer.integer("token_width", 1, MOST_WIDTH)));
        }
        List<Trial> trials = new ArrayList<>();
        for (Fields trial : fields.items("trials", 0, MOST_LAYERS)) {
            trials.add(new Trial(
                    trial.text("rule"),
                    trial.number("bits_per_weight"),
                    trial.number("sum"),
                    trial.number("divergence"),
                    trial.number("loss_increase"),
                    trial.number("standard_error"),
                    trial.integer("tokens", 1, Long.MAX_VALUE)));
        }
        return new ProfileHeader(
                fields.text("model"),
                fields.text("text"),
                fields.integer("tokens", 1, Long.MAX_VALUE),
                (int) fields.integer("window", 1, Integer.MAX_VALUE),
                (int) fields.integer("row_tokens", 0, Integer.MAX_VALUE),
                root.has("loss") ? fields.number("loss") : Double.NaN,
                root.has("settings") ? fields.text("settings") : "",
                fields.text("quantiser"),
                fields.text("sensitivity"),
                layers,
                trials);
    }

    /** The fields of an object; {@code at} is where it is, for messages. */
    private record Fields(String place, String at, JsonNode node) {
        private InvalidInputException wrong(String key, String expected) {
            JsonNode value = node.path(key);
            return new InvalidInputException(place + ": " + at + key + " "
                    + (value.isMissingNode()
                            ? "is missing"
                            : "is "
                                    + InvalidInputException.quoted(
                                            value.isTextual() ? value.asText() : value.toString()))
                    + ", expected " + expected + "; make the profile again");
        }

        long integer(String key, long least, long most) {
            JsonNode value = node.path(key);
            if (!value.canConvertToLong()
                    || !value.isIntegralNumber()
                    || value.asLong() < least
                    || value.asLong() > most) {
                throw wrong(key, "an integer from " + least + (most == Long.MAX_VALUE ? "" : " to " + most));
            }
            return value.asLong();
        }

        double number(String key) {
            JsonNode value = node.path(key);
            if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
                throw wrong(key, "a finite number");
            }
            return value.asDouble();
        }

        boolean truth(String key) {
            if (!node.path(key).isBoolean()) {
                throw wrong(key, "true or false");
            }
            return node.path(key).asBoolean();
        }

        String text(String key) {
            if (!node.path(key).isTextual()) {
                throw wrong(key, "a text");
            }
            return node.path(key).asText();
        }

        List<Fields> items(String key, int least, int most) {
            JsonNode value = node.path(key);
            if (!value.isArray() || value.size() < least || value.size() > most) {
                throw wrong(key, "a list of " + least + " to " + most + " objects");
            }
            List<Fields> items = new ArrayList<>();
            for (int i = 0; i < value.size(); i++) {
                items.add(new Fields(place, key + "[" + i + "].", value.get(i)));
            }
            return items;
        }
    }
}
