package tilewright.edge.language;

import java.util.ArrayList;
import java.util.List;
import tilewright.edge.matrix.Activations;
import tilewright.edge.matrix.MatrixKernels;
import tilewright.edge.matrix.MatrixWeights;

/** {@link tilewright.model.graph.Linear}: all products of one value in one loop, so that threads meet once for them. */
final class LinearStage implements Stage {
    /** One product: {@code out = x weights^T + bias}. */
    private record Product(MatrixWeights weights, float[] bias, Rows out) {}

    private final MatrixKernels kernels;
    private final LoadedRows loaded;
    private final Rows x;
    private final List<Product> products = new ArrayList<>();

    LinearStage(MatrixKernels kernels, LoadedRows loaded, Rows x) {
        this.kernels = kernels;
        this.loaded = loaded;
        this.x = x;
    }

    /** Whether these are products of this value in this form. */
    boolean reads(Rows value, LoadedRows form) {
        return x == value && loaded == form;
    }

    /**
     * Adds a product.
     *
     * @param bias null for none
     * @param out must not take x's place
     */
    void add(MatrixWeights weights, float[] bias, Rows out) {
        products.add(new Product(weights, bias, out));
    }

    @Override
    public void run(Pass pass) {
        Activations rows = loaded.of(x, pass);
        int threads = pass.team().threads();
        int items = 0;
        for (int i = 0; i < products.size(); i++) {
            MatrixWeights weights = products.get(i).weights();
            items += Math.ceilDiv(weights.panels(), weights.chunkPanels(threads));
        }
        long cost = 0;
        for (int i = 0; i < products.size(); i++) {
            cost += x.elements() * products.get(i).weights().rows() / 8;
        }
        pass.team().each(items, cost, (item, scratch) -> {
            int rest = item;
            for (int i = 0; i < products.size(); i++) {
                Product product = products.get(i);
                MatrixWeights weights = product.weights();
                int chunk = weights.chunkPanels(threads);
                int chunks = Math.ceilDiv(weights.panels(), chunk);
                if (rest < chunks) {
                    kernels.multiply(
                            weights,
                            rows,
                            0,
                            rows.rows(),
                            rest * chunk,
                            Math.min(weights.panels(), (rest + 1) * chunk),
                            product.bias(),
                            0,
                            product.out().data(),
                            product.out().at(0),
                            product.out().stride(),
                            scratch.kernel());
                    return;
                }
                rest -= chunks;
            }
        });
    }
}
