package tilewright.compiler.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tilewright.compiler.Progress;
import tilewright.model.InvalidInputException;
import tilewright.model.data.ImageSet;

/**
 * A model's outputs over a data set, counted.
 *
 * @param images how many were run
 * @param seconds how long that took, reading images included
 * @param outputs what came out, in the model's order
 */
record Evaluation(int images, double seconds, List<Output> outputs) {
    /**
     * One output over all images.
     *
     * @param name its name, the task's where there are tasks
     * @param shape its shape for one image
     * @param correct how often the largest element is the label's; -1 when there are no labels or it is no classification
     * @param mean of all elements
     * @param deviation standard deviation of all elements
     * @param minimum the smallest element
     * @param maximum the largest element
     */
    record Output(
            String name, int[] shape, int correct, double mean, double deviation, double minimum, double maximum) {
        /** Whether there is an accuracy. */
        boolean classified() {
            return correct >= 0;
        }
    }

    /**
     * Runs all images.
     *
     * @throws InvalidInputException when the images have another size than the model's, or a label is beyond its classes
     */
    static Evaluation run(Engine engine, List<String> wanted, ImageSet images, Progress progress) {
        engine.check(images);
        Map<String, int[]> shapes = engine.outputs();
        List<Tally> tallies = new ArrayList<>();
        wanted.forEach(name -> tallies.add(new Tally(name, shapes.get(name), images)));
        long start = System.nanoTime();
        progress.update("eval", 0, images.count());
        for (int from = 0; from < images.count(); from += engine.batch()) {
            int count = Math.min(engine.batch(), images.count() - from);
            Map<String, float[]> results = engine.run(wanted, images, from, count);
            for (Tally tally : tallies) {
                tally.add(results.get(tally.name), from);
            }
            progress.update("eval", from + count, images.count());
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Evaluation(
                images.count(), seconds, tallies.stream().map(Tally::output).toList());
    }

    /** The index of the largest of {@code count} values, the first of equals. */
    static int largest(float[] values, int from, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (values[from + i] > values[from + best]) {
                best = i;
            }
        }
        return best;
    }

    /** Sums over one output. */
    private static final class Tally {
        private final String name;
        private final int[] shape;
        private final ImageSet images;
        private final boolean classification;
        private long elements;
        private double sum;
        private double squares;
        private double minimum = Double.POSITIVE_INFINITY;
        private double maximum = Double.NEGATIVE_INFINITY;
        private int correct;

        Tally(String name, int[] shape, ImageSet images) {
            this.name = name;
            this.shape = shape;
            this.images = images;
            this.classification = shape.length == 1 && images.labelled();
        }

        void add(float[] values, int firstImage) {
            for (float value : values) {
                sum += value;
                squares += (double) value * value;
                minimum = Math.min(minimum, value);
                maximum = Math.max(maximum, value);
            }
            elements += values.length;
            if (classification) {
                int classes = shape[0];
                for (int i = 0; i < values.length / classes; i++) {
                    int label = images.label(firstImage + i);
                    if (label >= classes) {
                        throw new InvalidInputException(images.place() + ": image " + images.name(firstImage + i)
                                + " has label " + label + ", but output '" + name + "' has " + classes
                                + " classes; do model and data belong together?");
                    }
                    correct += largest(values, i * classes, classes) == label ? 1 : 0;
                }
            }
        }

        Output output() {
            double mean = sum / elements;
            double deviation = Math.sqrt(Math.max(0, squares / elements - mean * mean));
            return new Output(name, shape, classification ? correct : -1, mean, deviation, minimum, maximum);
        }
    }
}
