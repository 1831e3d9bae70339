package tilewright.compiler.profile;

import java.util.ArrayList;
import java.util.List;
import tilewright.compiler.store.MatrixPlace;
import tilewright.model.graph.ExpertLayer;

/** What is quantised together when the loss's sensitivity is measured. */
public enum SensitivityUnit {
    /** Each matrix of each expert by itself. */
    MATRIX,
    /** All matrices of an expert. */
    EXPERT,
    /** All experts of a layer. */
    LAYER,
    /** In each layer all matrices of a kind, and all of experts that are about as important; see {@link SampledSensitivity}. */
    SAMPLED,
    /** Nothing: sensitivity is not measured. */
    NONE;

    private static final int MOST_MATRICES = 512;

    /** Each matrix by itself where these are not too many, else groups. */
    static SensitivityUnit fitting(List<ExpertLayer> layers) {
        int matrices = layers.stream()
                .mapToInt(layer -> layer.experts() * layer.matrices().size())
                .sum();
        return matrices <= MOST_MATRICES ? MATRIX : SAMPLED;
    }

    /** The matrices that are quantised together, layer by layer; none for {@link #SAMPLED}, whose groups depend on the errors. */
    List<List<MatrixPlace>> groups(List<ExpertLayer> layers) {
        List<List<MatrixPlace>> groups = new ArrayList<>();
        for (ExpertLayer layer : layers) {
            List<MatrixPlace> whole = new ArrayList<>();
            for (int expert = 0; expert < layer.experts(); expert++) {
                List<MatrixPlace> one = new ArrayList<>();
                for (var matrix : layer.matrices()) {
                    one.add(new MatrixPlace(layer.index(), expert, matrix));
                }
                switch (this) {
                    case MATRIX -> one.forEach(place -> groups.add(List.of(place)));
                    case EXPERT -> groups.add(one);
                    case LAYER -> whole.addAll(one);
                    case SAMPLED, NONE -> {}
                }
            }
            if (this == LAYER) {
                groups.add(whole);
            }
        }
        return groups;
    }
}
