package tilewright.compiler.forecast;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tilewright.model.InvalidInputException;

/**
 * What a choice of bits is predicted to do to a model's predictions; a store keeps it among its options.
 *
 * @param rule by which the bits were chosen
 * @param bitsPerWeight mean bits of an expert weight on disk
 * @param bitsByUse the same with each expert counted as often as tokens use it
 * @param lossIncrease of the mean negative log likelihood, in nats per token; not a number where it is not known
 * @param basePerplexity of the model itself on the calibration text; not a number where it is not known
 */
public record QualityForecast(
        String rule, double bitsPerWeight, double bitsByUse, double lossIncrease, double basePerplexity) {
    private static final String RULE = "allocator";
    private static final String BITS = "bits_per_weight";
    private static final String BY_USE = "bits_by_use";
    private static final String LOSS = "predicted_loss_increase";
    private static final String PERPLEXITY = "calibration_perplexity";

    /** The predicted perplexity on the calibration text; not a number where either part is not known. */
    public double perplexity() {
        return basePerplexity * Math.exp(lossIncrease);
    }

    /** As a store's options. */
    public Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put(RULE, rule);
        put(options, BITS, bitsPerWeight);
        put(options, BY_USE, bitsByUse);
        put(options, LOSS, lossIncrease);
        put(options, PERPLEXITY, basePerplexity);
        return options;
    }

    private static void put(Map<String, String> options, String key, double value) {
        if (!Double.isNaN(value)) {
            options.put(key, String.format(Locale.ROOT, "%.6f", value));
        }
    }

    /**
     * Reads a store's options.
     *
     * @param place what messages begin with: the file
     * @return null when they predict nothing
     * @throws InvalidInputException when a number is none
     */
    public static QualityForecast of(String place, Map<String, String> options) {
        if (!options.containsKey(RULE)) {
            return null;
        }
        return new QualityForecast(
                options.get(RULE),
                number(place, options, BITS),
                number(place, options, BY_USE),
                number(place, options, LOSS),
                number(place, options, PERPLEXITY));
    }

    private static double number(String place, Map<String, String> options, String key) {
        String text = options.get(key);
        if (text == null) {
            return Double.NaN;
        }
        try {
            double value = Double.parseDouble(text);
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // What follows says it.
        }
        throw new InvalidInputException(place + ": option '" + key + "' is " + InvalidInputException.quoted(text)
                + ", expected a finite number; the store is damaged, pack the model again");
    }
}
