package tilewright.compiler.profile;

import tilewright.compiler.codes.ChangedInputs;
import tilewright.compiler.codes.FixedOrderProduct;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.store.ExpertFit;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;

/** Fits the down matrices of a layer to what quantised gate and up matrices make of kept rows; safe for use by several threads. */
final class DownFit {
    private static final int TOGETHER = 256;
    /** Of an expert's weights, what its rows and their products may take, within limits. */
    private static final int BYTES_PER_WEIGHT = 12;

    private static final long LEAST_BYTES = 32L << 20;
    private static final long MOST_BYTES = 256L << 20;

    private final RoutedLayer layer;
    private final TokenRows rows;
    private final ExpertUnit unit;
    private final int most;

    /** Fits on a layer's rows. */
    DownFit(Graph graph, RoutedLayer layer, TokenRows rows) {
        this.layer = layer;
        this.rows = rows;
        this.unit = ExpertUnit.of(graph, layer.experts().node());
        long bytes = Math.clamp(BYTES_PER_WEIGHT * layer.experts().elementsPerExpert(), LEAST_BYTES, MOST_BYTES);
        // A row, and its products with gate and up: the model's own and the quantised ones.
        long perRow =
                (layer.experts().width(ExpertMatrix.GATE) + 4L * layer.experts().width(ExpertMatrix.DOWN))
                        * Float.BYTES;
        this.most = (int) Math.max(1, bytes / perRow);
    }

    /** The fit of an expert, or null where no row has met it. */
    ExpertFit of(int expert) {
        TokenRows.OfExpert own = rows.of(layer, expert, most);
        return own.count() == 0 ? null : new One(expert, own);
    }

    /** The products of an expert's rows with its first matrices: by the model's own and by codes. */
    private final class One implements ExpertFit {
        private final int expert;
        private final TokenRows.OfExpert own;
        private final int width = layer.experts().width(ExpertMatrix.GATE);
        private final int hidden = layer.experts().width(ExpertMatrix.DOWN);
        private final float[][] exact = new float[2][];
        private final float[][] now = new float[2][];

        One(int expert, TokenRows.OfExpert own) {
            this.expert = expert;
            this.own = own;
        }

        @Override
        public void quantised(ExpertMatrix matrix, float[] values, GroupedCodes codes) {
            float[] bias = matrix == ExpertMatrix.GATE ? unit.gateBias() : unit.upBias();
            int place = matrix.ordinal();
            exact[place] = new float[Math.multiplyExact(own.count(), hidden)];
            now[place] = new float[exact[place].length];
            for (int from = 0; from < own.count(); from += TOGETHER) {
                int count = Math.min(TOGETHER, own.count() - from);
                FixedOrderProduct product = new FixedOrderProduct(own.rows(), from * width, count, width);
                product.multiply(values, hidden, exact[place], from * hidden);
                product.multiply(codes, now[place], from * hidden);
            }
            for (int i = 0; bias != null && i < exact[place].length; i++) {
                exact[place][i] += bias[expert * hidden + i % hidden];
                now[place][i] += bias[expert * hidden + i % hidden];
            }
        }

        @Override
        public ChangedInputs.Target target(float[] down, InputMoments moments) {
            ChangedInputs inputs = new ChangedInputs(hidden, moments.block());
            for (int from = 0; from < own.count(); from += TOGETHER) {
                int count = Math.min(TOGETHER, own.count() - from);
                inputs.add(unit(exact, from, count), unit(now, from, count), own.weights(), from, count);
            }
            return inputs.target(down, layer.experts().rows(ExpertMatrix.DOWN), moments);
        }

        private float[] unit(float[][] products, int from, int count) {
            float[] gate = part(products[ExpertMatrix.GATE.ordinal()], from, count);
            unit.unit().apply(gate, part(products[ExpertMatrix.UP.ordinal()], from, count), 0, gate.length);
            return gate;
        }

        private float[] part(float[] products, int from, int count) {
            return products == null
                    ? null
                    : java.util.Arrays.copyOfRange(products, from * hidden, (from + count) * hidden);
        }
    }
}
