package tilewright.compiler.plan;

import java.util.Arrays;
import java.util.Map;

/**
 * How many tokens of an image each expert gets, in expectation.
 *
 * @param tokens by {@code task/step} or, for all tasks, by the name of the experts' step: expected tokens of each expert
 */
public record ExpertLoad(Map<String, double[]> tokens) {
    /** Balanced routing: every expert gets the same share. */
    public static final ExpertLoad BALANCED = new ExpertLoad(Map.of());

    /** Copies the map. */
    public ExpertLoad {
        tokens = Map.copyOf(tokens);
    }

    /**
     * The load of a step.
     *
     * @throws IllegalArgumentException if statistics were given for another number of experts
     */
    double[] of(String task, StepShape.Experts step) {
        double[] load = tokens.getOrDefault(task + "/" + step.name(), tokens.get(step.name()));
        if (load == null) {
            load = new double[step.experts()];
            Arrays.fill(load, (double) step.tokens() * step.topK() / step.experts());
        }
        if (load.length != step.experts()) {
            throw new IllegalArgumentException("router statistics of " + task + "/" + step.name() + " are of "
                    + load.length + " experts, the layer has " + step.experts());
        }
        return load;
    }

    /** Expected number of experts that are visited: one with a load below one is visited in that share of the images. */
    static double visited(double[] load) {
        return Arrays.stream(load).map(tokens -> Math.min(1, tokens)).sum();
    }
}
