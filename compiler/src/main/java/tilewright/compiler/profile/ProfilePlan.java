package tilewright.compiler.profile;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tilewright.compiler.OptionException;
import tilewright.compiler.profile.ProfileHeader.LayerShape;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;

/** What one run of a {@link Profiler} measures, on which text, and how much of it is kept: what follows from model and options. */
final class ProfilePlan {
    /** What numbers mean in saved states. */
    private static final String VERSION = "10";

    private static final int SENSITIVITY_TOKENS = 4096;
    private static final int TRIAL_TOKENS = 16384;
    /** Of models with many experts: whole groups of matrices need less text to stand out, and text takes longer. */
    private static final int SAMPLED_TOKENS = 512;

    private static final int SAMPLED_TRIAL_TOKENS = 4096;

    private static final int FEWEST_SAMPLES = 16;
    private static final int MOST_SAMPLES = 256;
    private static final int ROWS_PER_INPUT = 16;

    private final LoadedLanguageModel model;
    private final ProfileOptions options;
    private final String digest;
    private final String textDigest;
    private final List<RoutedLayer> layers;
    private final List<ExpertLayer> expertLayers;
    private final List<LayerShape> shapes = new ArrayList<>();
    private final Windows windows;
    private final SensitivityUnit unit;
    private final int block;

    /**
     * Plans a run.
     *
     * @param digest of the model, hexadecimal
     * @param ids calibration text, more than a window
     * @throws InvalidInputException when the model has no experts, or the options allow too few exchanges
     */
    ProfilePlan(LoadedLanguageModel model, String digest, int[] ids, ProfileOptions options) {
        this.model = model;
        this.options = options;
        this.digest = digest;
        this.textDigest = HexFormat.of().formatHex(sha256(bytes(ids)));
        this.layers = RoutedLayer.of(model.path().toString(), model.graph());
        this.expertLayers = layers.stream().map(RoutedLayer::experts).toList();
        Windows whole = Windows.all(ids, options.window());
        this.windows = options.tokens() > 0 ? whole.spread(options.tokens()) : whole;
        this.unit = options.unit() == null ? SensitivityUnit.fitting(expertLayers) : options.unit();
        this.block = BlockSizes.largest(expertLayers, options.momentBytes());
        for (int i = 0; i < layers.size(); i++) {
            ExpertLayer layer = expertLayers.get(i);
            int width = layer.width(ExpertMatrix.GATE);
            int hidden = layer.width(ExpertMatrix.DOWN);
            shapes.add(new LayerShape(
                    layer.experts(),
                    layers.get(i).topK(),
                    width,
                    hidden,
                    layer.rows(ExpertMatrix.DOWN),
                    layer.up() != null,
                    Math.min(width, block),
                    Math.min(hidden, block),
                    layers.get(i).tokenWidth()));
        }
        if (sampled() && options.exchanges() > 0 && options.exchanges() < SampledSensitivity.fewest(shapes)) {
            throw new OptionException(model.path() + ": --sensitivity is " + options.exchanges()
                    + ", but its sensitivity takes at least " + SampledSensitivity.fewest(shapes) + " groups");
        }
    }

    private static byte[] bytes(int[] ids) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(ids.length, Integer.BYTES));
        bytes.asIntBuffer().put(ids);
        return bytes.array();
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    LoadedLanguageModel model() {
        return model;
    }

    ProfileOptions options() {
        return options;
    }

    List<RoutedLayer> layers() {
        return layers;
    }

    List<ExpertLayer> expertLayers() {
        return expertLayers;
    }

    List<LayerShape> shapes() {
        return shapes;
    }

    /** The calibration text. */
    Windows windows() {
        return windows;
    }

    /** What is exchanged together. */
    SensitivityUnit unit() {
        return unit;
    }

    /** Whether the model is so large that groups and samples stand for single matrices, and quick codes for the best. */
    boolean sampled() {
        return unit == SensitivityUnit.SAMPLED;
    }

    /** How many groups are exchanged. */
    int groups() {
        return sampled()
                ? SampledSensitivity.count(shapes, options.exchanges())
                : unit.groups(expertLayers).size();
    }

    /** Tokens on which sensitivity is measured. */
    long sensitivityTokens() {
        return options.sensitivityTokens() > 0
                ? options.sensitivityTokens()
                : sampled() ? SAMPLED_TOKENS : SENSITIVITY_TOKENS;
    }

    /** Tokens on which allocations are tried; 0 for none. */
    long trialTokens() {
        return options.trialTokens() >= 0 ? options.trialTokens() : sampled() ? SAMPLED_TRIAL_TOKENS : TRIAL_TOKENS;
    }

    /** Rows of each expert that may be kept. */
    int sampleRows() {
        long perRow = 0;
        for (ExpertLayer layer : expertLayers) {
            perRow += (long) layer.experts() * layer.width(ExpertMatrix.GATE) * Float.BYTES;
        }
        return Math.clamp(options.sampleBytes() / perRow, FEWEST_SAMPLES, MOST_SAMPLES);
    }

    /** Tokens whose rows are kept: as many as fit, and no more than tell an expert's inputs well. */
    int rowTokens() {
        long bytes = 0;
        long widest = 1;
        long enough = 1;
        for (RoutedLayer layer : layers) {
            bytes += (long) layer.tokenWidth() * Short.BYTES;
            widest = Math.max(widest, layer.tokenWidth());
            long rows = (long) ROWS_PER_INPUT * layer.experts().width(ExpertMatrix.DOWN);
            enough = Math.max(enough, rows * layer.experts().experts() / layer.topK());
        }
        long fitting = Math.min(options.rowBytes() / bytes, Integer.MAX_VALUE / Math.max(widest, 1 << 10));
        return (int) Math.min(rowText(), Math.min(enough, fitting));
    }

    /**
     * How many of the first {@code index} windows give no rows: allocations are tried on them, and no fit should have seen that text. None
     * where they are more than half.
     */
    int heldOut(int index) {
        Windows tried = windows.spread(Math.max(1, trialTokens()));
        return trialTokens() == 0 || 2 * tried.count() > windows.count() ? 0 : windows.shared(tried, index);
    }

    /** Tokens that may give rows. */
    long rowText() {
        return (long) (windows.count() - heldOut(windows.count())) * windows.window();
    }

    /** What tells saved states of such runs from others. */
    byte[] purpose() {
        String text = String.join(
                " ",
                VERSION,
                digest,
                textDigest,
                "window " + options.window() + " of " + windows.count(),
                "sensitivity " + unit + " by " + groups() + " on " + sensitivityTokens(),
                "trials on " + trialTokens(),
                "blocks of " + block + " and rows " + sampleRows() + " " + rowTokens(),
                options.quantiser().name());
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    /** What tells finished profiles of such runs from others: {@link #purpose}, hexadecimal. */
    String settings() {
        return HexFormat.of().formatHex(purpose());
    }

    /**
     * What the finished profile says of itself.
     *
     * @param loss of the text, summed over its tokens
     */
    ProfileHeader header(double loss, List<Trial> trials) {
        return new ProfileHeader(
                digest,
                textDigest,
                windows.tokens(),
                options.window(),
                rowTokens(),
                loss / windows.tokens(),
                settings(),
                options.quantiser().name(),
                unit.name().toLowerCase(java.util.Locale.ROOT),
                shapes,
                trials);
    }
}
