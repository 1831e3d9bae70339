package tilewright.compiler.profile;

import java.util.List;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.profile.ProfileHeader.LayerShape;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.matrix.GroupedPanels;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;

/** What a {@link Profiler} takes of memory beside the model, its engine and the tables of what is gathered. */
final class ProfileMemory {
    /** Of one weight that is quantised: its value, what is left of it, codes and panels. */
    private static final int BYTES_PER_WEIGHT = 24;
    /** Of all weights of a small model, whose allocations are tried together: panels and codes of several widths. */
    private static final int BYTES_PER_KEPT_WEIGHT = 24;
    /** What compiling quantisers and kernels takes that a run of the model does not need. */
    private static final long COMPILING = 64L << 20;

    private final ProfilePlan plan;

    ProfileMemory(ProfilePlan plan) {
        this.plan = plan;
    }

    /** Weights of all experts. */
    static long weights(List<ExpertLayer> layers) {
        return layers.stream()
                .mapToLong(layer -> layer.experts() * layer.elementsPerExpert())
                .sum();
    }

    /** What lies in the heap from the beginning to the end: counts, and what tells one row from another. */
    private long countedBytes() {
        long bytes = 0;
        LayerShape before = null;
        for (LayerShape shape : plan.shapes()) {
            bytes += (long) shape.experts() * plan.sampleRows() * Float.BYTES;
            bytes += 2L * plan.rowTokens() * shape.topK() * Float.BYTES;
            bytes += before == null ? 0 : (long) before.experts() * shape.experts() * Double.BYTES;
            // Pooled moments, once they are asked for.
            bytes += InputMoments.length(shape.width(), shape.inputBlock()) * Float.BYTES;
            before = shape;
        }
        return bytes;
    }

    private long rows() {
        return (long) plan.windows().together() * plan.windows().window();
    }

    /** What calibration takes while it runs: kept values, queues made again, outputs of experts, sums being added to. */
    ExpertMemory.Need calibrating() {
        long floats = 0;
        long widest = 0;
        for (LayerShape shape : plan.shapes()) {
            floats += rows() * (shape.tokenWidth() + 2L * shape.topK());
            long queue = rows() * shape.topK() * (shape.tokenWidth() + 3L);
            long expert = plan.options().threads()
                    * rows()
                    * (2L * shape.width() + 4L * shape.hidden() + 2L * shape.outputs());
            long scratch = plan.options().threads()
                    * Math.max(
                            InputMoments.length(shape.width(), shape.inputBlock()),
                            InputMoments.length(shape.hidden(), shape.hiddenBlock()));
            widest = Math.max(widest, 2 * queue + expert + scratch);
        }
        return need(countedBytes() + (floats + widest) * Float.BYTES, 0, false);
    }

    private ExpertMemory.Need need(long heap, long other, boolean twice) {
        Windows windows = plan.windows();
        return new ExpertMemory.Need(windows.window(), windows.together(), heap, COMPILING + other, twice);
    }

    /** What measuring takes while it runs: predictions to compare with, a layer's coarse matrices, those being quantised. */
    ExpertMemory.Need measuring(LanguageEngine engine) {
        long layer = 0;
        long matrix = 0;
        long mark = 0;
        for (ExpertLayer of : plan.expertLayers()) {
            long bytes = 0;
            for (ExpertMatrix each : of.matrices()) {
                bytes += GroupedPanels.baseBytes(Sensitivity.BITS, of.rows(each), of.width(each));
                matrix = Math.max(matrix, (long) of.rows(each) * of.width(each));
            }
            layer = Math.max(layer, of.experts() * bytes);
            mark = Math.max(mark, 8L * rows() * of.width(ExpertMatrix.GATE) * Float.BYTES);
        }
        long predictions = 2L * rows() * engine.vocabularySize() * Float.BYTES;
        long kept = plan.sampled() ? layer : BYTES_PER_KEPT_WEIGHT * weights(plan.expertLayers());
        return need(
                countedBytes() + predictions + mark + plan.options().threads() * matrix * BYTES_PER_WEIGHT,
                kept,
                plan.sampled() && plan.trialTokens() > 0);
    }
}
