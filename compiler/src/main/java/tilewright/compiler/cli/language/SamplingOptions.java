package tilewright.compiler.cli.language;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tilewright.edge.language.Sampling;

/** How the next token is drawn, and what ends a text. */
public final class SamplingOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            description = "Divides the logits; 0 takes the most probable token always (default: 0).")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "N",
            description = "Draw from the N most probable tokens (default: 0, all).")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            description = "Draw from the fewest tokens whose probabilities reach X (default: 1, all).")
    private double topP = 1;

    @Option(
            names = "--min-p",
            paramLabel = "X",
            description = "Draw from tokens of at least X times the largest probability (default: 0, all).")
    private double minP;

    @Option(
            names = "--repeat-penalty",
            paramLabel = "X",
            description = "Divides the logits of tokens seen, where positive, else multiplies (default: 1).")
    private double repeatPenalty = 1;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            description = "Subtracted from a token's logit each time it was seen (default: 0).")
    private double frequencyPenalty;

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            description = "Subtracted once from the logit of each token seen (default: 0).")
    private double presencePenalty;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the random numbers; equal seeds give equal texts (default: 0).")
    private long seed;

    @Option(names = "--stop", paramLabel = "TEXT", description = "Ends the text before TEXT; may be given repeatedly.")
    private List<String> stops = new ArrayList<>();

    /**
     * The settings, checked.
     *
     * @throws ParameterException naming the option that is out of its range
     */
    public Sampling sampling() {
        require(temperature >= 0 && Double.isFinite(temperature), "--temperature", temperature, "0 or more");
        require(topK >= 0, "--top-k", topK, "0 or more");
        require(topP > 0 && topP <= 1, "--top-p", topP, "above 0, at most 1");
        require(minP >= 0 && minP <= 1, "--min-p", minP, "0 to 1");
        require(repeatPenalty > 0 && Double.isFinite(repeatPenalty), "--repeat-penalty", repeatPenalty, "above 0");
        require(Double.isFinite(frequencyPenalty), "--frequency-penalty", frequencyPenalty, "a number");
        require(Double.isFinite(presencePenalty), "--presence-penalty", presencePenalty, "a number");
        return Sampling.of(temperature, seed)
                .withLimits(topK, topP, minP)
                .withPenalties(repeatPenalty, frequencyPenalty, presencePenalty, Integer.MAX_VALUE);
    }

    /**
     * The strings that end a text.
     *
     * @throws ParameterException when one is empty
     */
    public List<String> stops() {
        if (stops.contains("")) {
            throw new ParameterException(spec.commandLine(), "--stop is empty, expected at least one character");
        }
        return List.copyOf(stops);
    }

    private void require(boolean holds, String option, Number value, String expected) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), option + " is " + value + ", expected " + expected);
        }
    }
}
