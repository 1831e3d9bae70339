package tilewright.compiler.profile;

import java.util.List;
import tilewright.compiler.allocate.ExpertModel;
import tilewright.compiler.profile.ProfileHeader.LayerShape;
import tilewright.compiler.store.MatrixPlace;
import tilewright.model.graph.ExpertMatrix;

/**
 * What a profile will say, before it is written.
 *
 * @param shapes of the layers
 * @param tokens routed
 * @param statistics by layer
 * @param errors by layer, [experts, matrices, widths]
 * @param sensitivity by layer, [experts, matrices]
 */
record MeasuredModel(
        List<LayerShape> shapes,
        long tokens,
        List<LayerStatistics> statistics,
        List<float[]> errors,
        float[][] sensitivity)
        implements ExpertModel {
    private static final int MATRICES = ExpertMatrix.values().length;

    @Override
    public int experts(int layer) {
        return shapes.get(layer).experts();
    }

    @Override
    public int layers() {
        return shapes.size();
    }

    @Override
    public List<ExpertMatrix> matrices(int layer) {
        return shapes.get(layer).matrices();
    }

    @Override
    public int inputs(int layer, ExpertMatrix matrix) {
        return shapes.get(layer).inputs(matrix);
    }

    @Override
    public long elements(int layer, ExpertMatrix matrix) {
        return shapes.get(layer).elements(matrix);
    }

    @Override
    public double frequency(int layer, int expert) {
        return statistics.get(layer).tokens(expert) / (double) tokens;
    }

    @Override
    public double meanWeight(int layer, int expert) {
        return statistics.get(layer).meanWeight()[expert];
    }

    @Override
    public double energy(int layer, int expert) {
        return statistics.get(layer).energy(tokens)[expert];
    }

    @Override
    public double outputError(MatrixPlace place, int bits) {
        int matrix = place.expert() * MATRICES + place.matrix().ordinal();
        return errors.get(place.layer())[matrix * Profile.WIDTHS.size() + Profile.WIDTHS.indexOf(bits)];
    }

    @Override
    public double loss(MatrixPlace place, int bits) {
        return sensitivity[place.layer()][
                        place.expert() * MATRICES + place.matrix().ordinal()]
                * outputError(place, bits);
    }
}
