package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tilewright.compiler.OptionException;
import tilewright.model.data.ImageSet;
import tilewright.model.data.ImageSets;

/** {@code tilewright run --image}: what a vision model or a compiled design says to one image. */
final class ImageRun {
    private static final int TOP = 5;
    private static final int BAR = 30;

    private final Console console;
    private final Path folder;
    private final Path file;
    private final int index;
    private final EngineOptions engineOptions;
    private final boolean json;

    /**
     * An image to run.
     *
     * @param folder a model's folder, or one written by compile
     * @param file a PNG file or a data set
     * @param index which image of a data set
     */
    ImageRun(Console console, Path folder, Path file, int index, EngineOptions engineOptions, boolean json) {
        this.console = console;
        this.folder = folder;
        this.file = file;
        this.index = index;
        this.engineOptions = engineOptions;
        this.json = json;
    }

    /** Runs it and prints the outputs. */
    int call() {
        ImageSet images = ImageSets.open(file);
        if (index < 0 || index >= images.count()) {
            throw new OptionException(
                    file + ": there is no image " + index + "; it holds " + images.count() + ", counted from 0");
        }
        try (Engine engine = engineOptions.open(folder, console.progress())) {
            engine.check(images);
            List<String> wanted = engineOptions.wanted(engine);
            Map<String, float[]> results = engine.run(wanted, images, index, 1);
            ObjectNode answer = Console.object();
            answer.put("model", folder.toString());
            answer.put("image", file.toString());
            answer.put("index", index);
            answer.put("engine", engineOptions.engine().toString());
            ObjectNode outputs = answer.putObject("outputs");
            for (String name : wanted) {
                int[] shape = engine.outputs().get(name);
                if (json) {
                    describe(outputs.putObject(name), engine, shape, results.get(name));
                } else {
                    print(name, engine, shape, results.get(name));
                }
            }
            if (json) {
                console.json(answer);
            }
        }
        return 0;
    }

    private void print(String name, Engine engine, int[] shape, float[] values) {
        if (shape.length == 1) {
            console.line("%s:", name);
            double[] shares = softmax(values);
            for (int label : best(values)) {
                console.line(
                        "  %-12s %s %6.2f %%",
                        className(engine, label), console.bar(shares[label], BAR), 100 * shares[label]);
            }
            return;
        }
        console.line("%s: %s, from %.3f to %.3f", name, Arrays.toString(shape), least(values), greatest(values));
        if (Picture.isPixels(shape, engine.image())) {
            Picture.pixels(values, engine.image()).forEach(line -> console.line("  " + line));
        } else if (Picture.isPatches(shape, engine.image())) {
            Picture.classes(values, shape[1], engine.image()).forEach(line -> console.line("  " + line));
        }
    }

    private static void describe(ObjectNode node, Engine engine, int[] shape, float[] values) {
        ArrayNode sizes = node.putArray("shape");
        Arrays.stream(shape).forEach(sizes::add);
        if (shape.length == 1) {
            double[] shares = softmax(values);
            int[] best = best(values);
            node.put("label", best[0]);
            node.put("probability", shares[best[0]]);
            ArrayNode top = node.putArray("top");
            for (int label : best) {
                top.addObject()
                        .put("label", label)
                        .put("name", className(engine, label))
                        .put("probability", shares[label]);
            }
        }
        ArrayNode output = node.putArray("output");
        for (float value : values) {
            output.add(value);
        }
    }

    private static String className(Engine engine, int label) {
        return label < engine.classNames().size() ? engine.classNames().get(label) : Integer.toString(label);
    }

    /** The indices of the five largest values, largest first; the first of equals. */
    private static int[] best(float[] values) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -values[i]))
                .limit(TOP)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static double[] softmax(float[] values) {
        double[] shares = new double[values.length];
        double greatest = greatest(values);
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            shares[i] = Math.exp(values[i] - greatest);
            sum += shares[i];
        }
        for (int i = 0; i < values.length; i++) {
            shares[i] /= sum;
        }
        return shares;
    }

    private static double greatest(float[] values) {
        return IntStream.range(0, values.length)
                .mapToDouble(i -> values[i])
                .max()
                .orElseThrow();
    }

    private static double least(float[] values) {
        return IntStream.range(0, values.length)
                .mapToDouble(i -> values[i])
                .min()
                .orElseThrow();
    }
}
