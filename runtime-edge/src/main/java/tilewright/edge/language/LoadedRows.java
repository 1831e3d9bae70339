package tilewright.edge.language;

import tilewright.edge.matrix.ActivationPrecision;
import tilewright.edge.matrix.Activations;
import tilewright.edge.matrix.MatrixKernels;

/**
 * The rows that products are being computed of, in the kernels' form.
 *
 * <p>Shared by all products of a plan: those of one value follow each other, so that it is loaded once for all.
 */
final class LoadedRows {
    private final ActivationPrecision precision;
    private final Activations activations;
    private Rows loaded;
    private long pass = -1;

    LoadedRows(MatrixKernels kernels, ActivationPrecision precision) {
        this.precision = precision;
        this.activations = kernels.activations();
    }

    /** These rows, loaded unless they are already. */
    Activations of(Rows x, Pass current) {
        if (loaded != x || pass != current.number()) {
            loaded = x;
            pass = current.number();
            activations.resize(x.rows(), x.width(), precision);
            current.team()
                    .ranges(
                            x.rows(),
                            x.elements(),
                            (from, to, _) -> activations.load(from, to, x.data(), x.at(0), x.stride()));
        }
        return activations;
    }
}
