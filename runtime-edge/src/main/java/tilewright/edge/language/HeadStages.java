package tilewright.edge.language;

import java.util.List;

/** {@link tilewright.model.graph.SplitHeads} of several heads and {@link tilewright.model.graph.JoinHeads}. */
final class HeadStages {
    private HeadStages() {}

    /** One part of every head, gathered: {@code start .. start+width-1} of each {@code whole} columns. */
    static Stage split(int heads, int whole, int start, int width, Rows x, Rows out) {
        return pass -> pass.team().ranges(x.rows(), out.elements(), (from, to, _) -> {
            for (int row = from; row < to; row++) {
                for (int head = 0; head < heads; head++) {
                    System.arraycopy(
                            x.data(), x.at(row) + head * whole + start, out.data(), out.at(row) + head * width, width);
                }
            }
        });
    }

    /** Parts side by side in every head; a part of one head's width is repeated. */
    static Stage join(int heads, List<Integer> widths, List<Rows> parts, Rows out) {
        int whole = out.width() / heads;
        return pass -> pass.team().ranges(out.rows(), out.elements(), (from, to, _) -> {
            for (int row = from; row < to; row++) {
                int start = out.at(row);
                for (int part = 0; part < parts.size(); part++) {
                    Rows x = parts.get(part);
                    int width = widths.get(part);
                    int step = x.width() == width ? 0 : width;
                    for (int head = 0; head < heads; head++) {
                        System.arraycopy(x.data(), x.at(row) + head * step, out.data(), start + head * whole, width);
                    }
                    start += width;
                }
            }
        });
    }
}
