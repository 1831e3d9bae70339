package tilewright.edge.language;

import java.util.List;

/**
 * A step of an engine that was left before a node of the graph: what {@link LanguageEngine#finish} goes on from, any number of times, as
 * long as the engine computes no step of other chunks meanwhile.
 */
public final class StepMark {
    final Plan.Point point;
    /** What each of the point's storages held. */
    final List<float[]> values;

    final int rows;

    StepMark(Plan.Point point, int rows) {
        this.point = point;
        this.rows = rows;
        this.values = point.live().stream().map(Rows.Storage::copy).toList();
    }
}
