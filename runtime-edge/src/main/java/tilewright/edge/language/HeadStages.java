package tilewright.edge.language;

import java.util.ArrayList;
import java.util.List;
import tilewright.model.graph.JoinHeads;
import tilewright.model.graph.SplitHeads;

/** {@link SplitHeads} and {@link JoinHeads}; no result may take an operand's place. */
final class HeadStages {
    private HeadStages() {}

    /** Adds the stages of a node that splits to a plan; of one head, or into one part, they are views. */
    static void bind(SplitHeads op, PlanBuilder plan) {
        if (op.heads() == 1 || op.widths().size() == 1) {
            plan.views(op.widths().stream().map(width -> width * op.heads()).toList());
            return;
        }
        Rows x = plan.rows(0);
        int start = 0;
        for (int part = 0; part < op.widths().size(); part++) {
            int width = op.widths().get(part);
            plan.add(split(op.heads(), x.width() / op.heads(), start, width, x, plan.out(part, x.space())));
            start += width;
        }
    }

    /** Adds the stage of a node that joins to a plan. */
    static void bind(JoinHeads op, PlanBuilder plan) {
        List<Rows> parts = new ArrayList<>();
        for (int part = 0; part < op.widths().size(); part++) {
            parts.add(plan.rows(part));
        }
        plan.add(join(
                op.heads(), op.widths(), parts, plan.out(0, parts.getFirst().space())));
    }

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
