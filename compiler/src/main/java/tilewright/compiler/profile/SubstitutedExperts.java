package tilewright.compiler.profile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import tilewright.compiler.store.MatrixPlace;
import tilewright.edge.expert.ExpertSource;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.graph.ExpertMatrix;

/** A model's own experts, any matrices of which can be exchanged between the steps of an engine. */
final class SubstitutedExperts implements ExpertSource {
    /** Where the model's own experts come from; null for its parameters. */
    private final ExpertSource source;

    private final List<Layer> layers = new ArrayList<>();

    /** Experts that are all in memory. */
    SubstitutedExperts() {
        this(null);
    }

    /** Experts from a source; null for the model's parameters, in memory. */
    SubstitutedExperts(ExpertSource source) {
        this.source = source;
    }

    @Override
    public ExpertWeights layer(int layer, Supplier<ExpertWeights> stored) {
        while (layers.size() <= layer) {
            layers.add(null);
        }
        layers.set(layer, new Layer(source == null ? stored.get() : source.layer(layer, stored)));
        return layers.get(layer);
    }

    /** The model's own experts of a layer. */
    ExpertWeights own(int layer) {
        return layers.get(layer).own;
    }

    /** Lets matrices take the place of the model's own, until {@link #reset}. */
    void substitute(Map<MatrixPlace, MatrixWeights> others) {
        others.forEach((place, matrix) -> layers.get(place.layer())
                .others
                .computeIfAbsent(place.expert(), _ -> new EnumMap<>(ExpertMatrix.class))
                .put(place.matrix(), matrix));
    }

    /** Lets other experts take the place of all of a layer's own, until {@link #reset}. */
    void substitute(int layer, ExpertWeights others) {
        layers.get(layer).whole = others;
    }

    /** Says which uses of a layer's experts are left out. */
    interface LeavingOut {
        /** Whether a use is, by the expert's share of its token's routing weights. */
        boolean leavesOut(int expert, double share);
    }

    /** Lets a layer leave out uses; it is asked about each of them, in order. */
    void leaveOut(int layer, LeavingOut leavingOut) {
        layers.get(layer).leavingOut = leavingOut;
    }

    /** Undoes all exchanges, and leaves out nothing. */
    void reset() {
        layers.forEach(layer -> {
            layer.others.clear();
            layer.whole = null;
            layer.leavingOut = null;
        });
    }

    private static final class Layer implements ExpertWeights {
        private final ExpertWeights own;
        /** By expert. */
        private final Map<Integer, Map<ExpertMatrix, MatrixWeights>> others = new HashMap<>();

        private ExpertWeights whole;
        private LeavingOut leavingOut;

        Layer(ExpertWeights own) {
            this.own = own;
        }

        @Override
        public int experts() {
            return own.experts();
        }

        @Override
        public int width() {
            return own.width();
        }

        @Override
        public int hidden() {
            return own.hidden();
        }

        @Override
        public int outputs() {
            return own.outputs();
        }

        private ExpertWeights now() {
            return whole == null ? own : whole;
        }

        private Expert changed(int expert, Expert from) {
            Expert changed = from;
            for (var other : others.getOrDefault(expert, Map.of()).entrySet()) {
                changed = QuantisedExperts.with(changed, other.getKey(), other.getValue());
            }
            return changed;
        }

        @Override
        public Expert acquire(int expert) {
            return changed(expert, now().acquire(expert));
        }

        @Override
        public void release(int expert) {
            now().release(expert);
        }

        @Override
        public Step begin(int[] experts, int[] rows) {
            Step step = now().begin(experts, rows);
            return Arrays.stream(experts).anyMatch(others::containsKey) ? new ChangedStep(experts, step) : step;
        }

        @Override
        public boolean leavesOutByToken() {
            return leavingOut != null;
        }

        @Override
        public boolean leavesOut(int expert, double share, int tokens) {
            return leavingOut != null && leavingOut.leavesOut(expert, share);
        }

        /** The model's own experts as they come, with their exchanged matrices. */
        private final class ChangedStep implements Step {
            private final int[] experts;
            private final Step step;

            ChangedStep(int[] experts, Step step) {
                this.experts = experts;
                this.step = step;
            }

            @Override
            public int take() {
                return step.take();
            }

            @Override
            public int poll() {
                return step.poll();
            }

            @Override
            public Expert expert(int place) {
                return changed(experts[place], step.expert(place));
            }

            @Override
            public void done(int place) {
                step.done(place);
            }

            @Override
            public void close() {
                step.close();
            }
        }
    }
}
