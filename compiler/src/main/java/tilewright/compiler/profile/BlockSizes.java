package tilewright.compiler.profile;

import java.util.List;
import tilewright.compiler.codes.InputMoments;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;

/** How large blocks of second moments may be. */
final class BlockSizes {
    private static final List<Integer> SIDES = List.of(512, 256, 128, 64, 32, 16, 8, 4, 2, 1);

    private BlockSizes() {}

    /**
     * The largest side of blocks with which all second moments of a model fit into some bytes: whole matrices if they do, else a power
     * of two from 512 down to 1, the diagonal alone.
     */
    static int largest(List<ExpertLayer> layers, long bytes) {
        if (bytes(layers, Integer.MAX_VALUE) <= bytes) {
            return Integer.MAX_VALUE;
        }
        return SIDES.stream()
                .filter(side -> bytes(layers, side) <= bytes)
                .findFirst()
                .orElse(1);
    }

    private static long bytes(List<ExpertLayer> layers, int side) {
        long floats = 0;
        for (ExpertLayer layer : layers) {
            int width = layer.width(ExpertMatrix.GATE);
            int hidden = layer.width(ExpertMatrix.DOWN);
            floats += layer.experts()
                    * (InputMoments.length(width, Math.min(width, side))
                            + InputMoments.length(hidden, Math.min(hidden, side)));
        }
        return floats * Float.BYTES;
    }
}
