package tilewright.model.family.language;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.model.graph.RopeFrequencies;
import tilewright.model.tensor.NearestName;

/**
 * Rotary frequencies from a configuration, in every published spelling: {@code rope_theta} with {@code rope_scaling}, or {@code
 * rope_parameters}, of the model or of each layer type.
 *
 * <p>Scalings: linear (Chen et al. 2023, arXiv 2306.15595), dynamic NTK, YaRN (Peng et al. 2023, arXiv 2309.00071), LongRoPE
 * (Ding et al. 2024, arXiv 2402.13753), Llama 3 (arXiv 2407.21783), proportional (a part of the head is not rotated).
 */
final class RopeScaling {
    private static final List<String> TYPES =
            List.of("default", "linear", "dynamic", "yarn", "longrope", "llama3", "proportional");

    /** Names that mean no scaling, or another spelling. */
    private static final Set<String> PLAIN = Set.of("default", "mrope", "none");

    private static final double BASE = 10_000;

    private final Value.Fields config;
    private final Value.Fields settings;
    private final int rotary;
    private final double base;

    private RopeScaling(Value.Fields config, Value.Fields settings, int rotary, double base) {
        this.config = config;
        this.settings = settings;
        this.rotary = rotary;
        this.base = base;
    }

    /**
     * The frequencies of a layer type.
     *
     * @param config the configuration
     * @param rotary columns of a head that turn; even
     * @param layerType the key of {@code rope_parameters} where it has one entry per layer type; null where it has not
     * @param base in place of the configuration's, or null
     * @param scaled whether the configuration's scaling counts
     * @param divisors divide the unscaled frequencies, one per pair, as a GGUF file stores a scaling; empty for none
     */
    static RopeFrequencies frequencies(
            Value.Fields config, int rotary, String layerType, Value base, boolean scaled, double[] divisors) {
        Value.Fields settings = settings(config, layerType);
        Value theta = base;
        for (Value candidate : List.of(
                get(settings, "rope_theta"),
                get(config, "rope_theta"),
                get(config, "rotary_emb_base"),
                Value.of(BASE))) {
            theta = theta instanceof Value.Null ? candidate : theta;
        }
        RopeScaling scaling = new RopeScaling(config, settings, rotary, positive(theta));
        if (divisors.length > 0) {
            return scaling.divided(divisors);
        }
        return scaled ? scaling.scaled() : fixed(scaling.inverse(), 1);
    }

    private static Value.Fields settings(Value.Fields config, String layerType) {
        Value found = get(config, "rope_parameters");
        if (found instanceof Value.Fields parameters
                && parameters.values().values().stream().anyMatch(value -> value instanceof Value.Fields)) {
            if (layerType == null) {
                throw Fault.author("rope_parameters has settings for each layer type; name one of "
                        + String.join(", ", parameters.values().keySet()));
            }
            found = get(parameters, layerType);
        }
        if (found instanceof Value.Null) {
            found = get(config, "rope_scaling");
        }
        return switch (found) {
            case Value.Fields fields -> fields;
            case Value.Null nothing -> new Value.Fields(Map.of(), nothing.origin() + ".");
            default -> throw Fault.value(found, "expected an object or null");
        };
    }

    private RopeFrequencies scaled() {
        Value type = get(settings, "rope_type");
        type = type instanceof Value.Null ? get(settings, "type") : type;
        String name = switch (type) {
            case Value.Null nothing -> "default";
            case Value.Text(String text, String origin) -> text;
            default -> throw Fault.value(type, "expected one of " + String.join(", ", TYPES));
        };
        if (PLAIN.contains(name)) {
            return fixed(inverse(), 1);
        }
        return switch (name) {
            case "linear" -> fixed(scale(inverse(), 1 / number("factor")), 1);
            case "dynamic" -> dynamic();
            case "yarn" -> yarn();
            case "longrope", "su" -> longRope();
            case "llama3" -> llama3();
            case "proportional" -> proportional();
            default ->
                throw Fault.value(type, "expected one of " + String.join(", ", TYPES) + NearestName.hint(name, TYPES));
        };
    }

    /** A base that grows with the sequence, or by Hunyuan's alpha for all lengths alike. */
    private RopeFrequencies dynamic() {
        if (nonZero("alpha")) {
            double grown = base * Math.pow(number("alpha"), rotary / (rotary - 2.0));
            return fixed(new RopeScaling(config, settings, rotary, grown).inverse(), 1);
        }
        return new RopeFrequencies.Dynamic(base, rotary / 2, number("factor"), (long) maximum());
    }

    /** {@code base^(-2i / rotary)}. */
    private double[] inverse() {
        double[] inverse = new double[rotary / 2];
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] = Math.pow(base, -2.0 * i / rotary);
        }
        return inverse;
    }

    private static double[] scale(double[] values, double factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
        return values;
    }

    private static RopeFrequencies.Fixed fixed(double[] inverse, double magnitude) {
        List<Double> values = new ArrayList<>();
        for (double value : inverse) {
            values.add(value);
        }
        return new RopeFrequencies.Fixed(values, magnitude);
    }

    private RopeFrequencies divided(double[] divisors) {
        double[] inverse = inverse();
        if (divisors.length != inverse.length) {
            throw Fault.author("there are " + divisors.length + " divisors for " + inverse.length + " frequencies");
        }
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] /= divisors[i];
        }
        return fixed(inverse, 1);
    }

    /** Low frequencies are interpolated, high ones kept, with a ramp between; the magnitude grows with the factor. */
    private RopeFrequencies yarn() {
        double original = original();
        double factor = has("factor") ? number("factor") : maximum() / original;
        double low = dimension(has("beta_fast") ? number("beta_fast") : 32, original);
        double high = dimension(has("beta_slow") ? number("beta_slow") : 1, original);
        if (!(get(settings, "truncate") instanceof Value.Truth(boolean truncate, String origin)) || truncate) {
            low = Math.floor(low);
            high = Math.ceil(high);
        }
        low = Math.max(low, 0);
        high = Math.min(high, rotary - 1);
        high = low == high ? high + 0.001 : high;
        double[] inverse = inverse();
        for (int i = 0; i < inverse.length; i++) {
            double interpolated = Math.clamp((i - low) / (high - low), 0, 1);
            inverse[i] = inverse[i] / factor * interpolated + inverse[i] * (1 - interpolated);
        }
        double magnitude;
        if (has("attention_factor")) {
            magnitude = number("attention_factor");
        } else if (nonZero("mscale") && nonZero("mscale_all_dim")) {
            magnitude = yarnMagnitude(factor, number("mscale")) / yarnMagnitude(factor, number("mscale_all_dim"));
        } else {
            magnitude = yarnMagnitude(factor, 1);
        }
        return fixed(inverse, magnitude);
    }

    /** The magnitude of YaRN for a scaling factor: {@code 0.1 weight ln(factor) + 1}, and 1 for no stretching. */
    static double yarnMagnitude(double factor, double weight) {
        return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
    }

    /** The pair, not yet rounded, that turns so often over the original context. */
    private double dimension(double turns, double original) {
        return rotary * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }

    private RopeFrequencies longRope() {
        double original = original();
        double factor = has("factor") ? number("factor") : maximum() / original;
        double magnitude = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
        if (has("attention_factor")) {
            magnitude = number("attention_factor");
        }
        double within = has("short_mscale") ? number("short_mscale") : magnitude;
        double beyond = has("long_mscale") ? number("long_mscale") : magnitude;
        return new RopeFrequencies.ByLength(
                fixed(stretched("short_factor"), within), fixed(stretched("long_factor"), beyond), (long) original);
    }

    private double[] stretched(String key) {
        double[] inverse = inverse();
        Value value = get(settings, key);
        if (!(value instanceof Value.Items(List<Value> factors, String origin)) || factors.size() != inverse.length) {
            throw Fault.value(value, "expected a list of " + inverse.length + " numbers");
        }
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] /= positive(factors.get(i));
        }
        return inverse;
    }

    private RopeFrequencies llama3() {
        double factor = number("factor");
        double low = number("low_freq_factor");
        double high = number("high_freq_factor");
        double original = original();
        double[] inverse = inverse();
        for (int i = 0; i < inverse.length; i++) {
            double wavelength = 2 * Math.PI / inverse[i];
            if (wavelength > original / low) {
                inverse[i] /= factor;
            } else if (wavelength >= original / high) {
                double smooth = (original / wavelength - low) / (high - low);
                inverse[i] = (1 - smooth) * inverse[i] / factor + smooth * inverse[i];
            }
        }
        return fixed(inverse, 1);
    }

    /** Frequencies are those of the whole head; pairs behind the rotated part stand still. */
    private RopeFrequencies proportional() {
        double part = has("partial_rotary_factor") ? number("partial_rotary_factor") : 1;
        double factor = has("factor") ? number("factor") : 1;
        double[] inverse = scale(inverse(), 1 / factor);
        for (int i = (int) (part * rotary / 2); i < inverse.length; i++) {
            inverse[i] = 0;
        }
        return fixed(inverse, 1);
    }

    private double original() {
        for (Value candidate : List.of(
                get(settings, "original_max_position_embeddings"), get(config, "original_max_position_embeddings"))) {
            if (!(candidate instanceof Value.Null)) {
                return positive(candidate);
            }
        }
        return maximum();
    }

    private double maximum() {
        return positive(get(config, "max_position_embeddings"));
    }

    private boolean has(String key) {
        return !(get(settings, key) instanceof Value.Null);
    }

    private boolean nonZero(String key) {
        return has(key) && Arithmetic.number(get(settings, key)) != 0;
    }

    private double number(String key) {
        return positive(get(settings, key));
    }

    private static Value get(Value.Fields fields, String key) {
        Value value = fields.values().get(key);
        return value != null ? value : new Value.Null(fields.origin() == null ? null : fields.origin() + key);
    }

    private static double positive(Value value) {
        if (!Arithmetic.isNumber(value)
                || !(Arithmetic.number(value) > 0)
                || Double.isInfinite(Arithmetic.number(value))) {
            throw Fault.value(value, "expected a number above 0");
        }
        return Arithmetic.number(value);
    }
}
