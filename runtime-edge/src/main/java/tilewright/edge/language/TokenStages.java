package tilewright.edge.language;

import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.PositionScale;

/** Stages that look at ids and positions: embeddings and what depends on the position alone. */
final class TokenStages {
    private TokenStages() {}

    /** {@link tilewright.model.graph.Embed}: rows are decoded from the table, which a head may share. */
    static Stage embed(Indices ids, MatrixWeights table, Rows out) {
        return pass -> {
            int[] tokens = ids.data();
            pass.team().ranges(out.rows(), 4 * out.elements(), (from, to, _) -> {
                for (int row = from; row < to; row++) {
                    if (tokens[row] < 0 || tokens[row] >= table.rows()) {
                        throw new InvalidGraphException(
                                "reads id " + tokens[row] + " at row " + row + ", expected 0 to " + (table.rows() - 1));
                    }
                    table.row(tokens[row], out.data(), out.at(row));
                }
            });
        };
    }

    /** {@link tilewright.model.graph.PositionEmbed}. */
    static Stage positionEmbed(int offset, Rows x, Constant table, Rows out) {
        float[] values = table.values();
        int width = x.width();
        return pass -> {
            for (int row = 0; row < x.rows(); row++) {
                int position = x.space().position(row);
                if (position + (long) offset >= table.dim(0)) {
                    throw new InvalidGraphException("reads position " + position + ", expected at most "
                            + (table.dim(0) - offset - 1) + " as its table has rows");
                }
                int from = (position + offset) * width;
                ElementLoops.add(x.data(), x.at(row), values, from, out.data(), out.at(row), width);
            }
        };
    }

    /** {@link PositionScale}. */
    static Stage positionScale(PositionScale op, Rows x, Rows out) {
        return pass -> pass.team().ranges(x.rows(), x.elements(), (from, to, _) -> {
            for (int row = from; row < to; row++) {
                float factor = (float) op.factor(x.space().position(row));
                ElementLoops.scale(x.data(), x.at(row), factor, out.data(), out.at(row), x.width());
            }
        });
    }

    /** Copies the wanted rows: row r of the result is row {@code wanted[r]} of x. */
    static Stage gather(Indices wanted, Rows x, Rows out) {
        return pass -> {
            int[] from = wanted.data();
            for (int row = 0; row < out.rows(); row++) {
                System.arraycopy(x.data(), x.at(from[row]), out.data(), out.at(row), x.width());
            }
        };
    }

    /** {@link #gather(Indices, Rows, Rows)} for indices. */
    static Stage gather(Indices wanted, Indices x, Indices out) {
        return pass -> {
            int[] from = wanted.data();
            for (int row = 0; row < out.space().rows(); row++) {
                System.arraycopy(x.data(), from[row] * x.width(), out.data(), row * x.width(), x.width());
            }
        };
    }
}
