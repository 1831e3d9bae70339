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
    /** Nothing: sensitivity is not measured. */
    NONE;

    private static final int MOST_MATRICES = 512;
    private static final int MOST_EXPERTS = 256;

    /** The finest unit of which there are not too many. */
    static SensitivityUnit fitting(List<ExpertLayer> layers) {
        int experts = layers.stream().mapToInt(ExpertLayer::experts).sum();
        int matrices = layers.stream()
                .mapToInt(layer -> layer.experts() * layer.matrices().size())
                .sum();
        return matrices <= MOST_MATRICES ? MATRIX : experts <= MOST_EXPERTS ? EXPERT : LAYER;
    }

    /** The matrices that are quantised together, group by group. */
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
                    case NONE -> {}
                }
            }
            if (this == LAYER) {
                groups.add(whole);
            }
        }
        return groups;
    }
}
