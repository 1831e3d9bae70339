package tilewright.compiler.build;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.compiler.quant.Quantiser;
import tilewright.compiler.quant.TaskModel;
import tilewright.edge.Tensor;
import tilewright.model.data.ImageSet;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Router;

/**
 * What the float model computes for one image of one task.
 *
 * @param values by value name: the output, the tokens after each block, the experts chosen
 */
record FloatReference(Map<String, Tensor> values) {
    private static final String ROUTED = ".router.ids";

    /** Runs the float model on an image. */
    static FloatReference run(TaskModel task, ImageSet images, int image) {
        Set<String> fetch = new LinkedHashSet<>();
        fetch.add(task.outputValue());
        Graph graph = task.graph();
        graph.nodes().forEach(node -> {
            String result = node.outputs().getFirst();
            if (node.op() instanceof Router || result.equals(BlockSteps.EMBED) || result.matches("block\\d+")) {
                fetch.add(result);
            }
        });
        Tensor pixels = Quantiser.batch(images, image, image + 1);
        return new FloatReference(task.executor().run(Map.of("pixels", pixels), List.copyOf(fetch)));
    }

    /** The output values. */
    float[] output(TaskModel task) {
        return values.get(task.outputValue()).data();
    }

    /** The tokens after a block, {@code [tokens, features]}. */
    float[] tokens(String block) {
        return values.get(block).data();
    }

    /** The experts that a block's router chose, {@code [tokens, topK]}. */
    float[] experts(String block) {
        return values.get(block + ROUTED).data();
    }

    /** Of all tokens, those whose set of experts differs from the float model's. */
    long flips(String block, int[] ids, int topK) {
        float[] expected = experts(block);
        long flips = 0;
        for (int token = 0; token < ids.length; token += topK) {
            Set<Integer> chosen = new LinkedHashSet<>();
            List<Integer> wanted = new ArrayList<>();
            for (int k = 0; k < topK; k++) {
                chosen.add(ids[token + k]);
                wanted.add((int) expected[token + k]);
            }
            if (!chosen.containsAll(wanted)) {
                flips++;
            }
        }
        return flips;
    }
}
