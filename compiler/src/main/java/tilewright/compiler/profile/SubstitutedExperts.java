package tilewright.compiler.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import tilewright.edge.expert.ExpertSource;
import tilewright.edge.matrix.ExpertWeights;

/** A model's own experts, any of which can be exchanged between the steps of an engine. */
final class SubstitutedExperts implements ExpertSource {
    private final List<Layer> layers = new ArrayList<>();

    @Override
    public ExpertWeights layer(int layer, Supplier<ExpertWeights> stored) {
        while (layers.size() <= layer) {
            layers.add(null);
        }
        layers.set(layer, new Layer(stored.get()));
        return layers.get(layer);
    }

    /** The model's own experts of a layer. */
    ExpertWeights own(int layer) {
        return layers.get(layer).own;
    }

    /** Lets an expert take the place of the model's own; null to undo that. */
    void substitute(int layer, int expert, ExpertWeights.Expert other) {
        layers.get(layer).others[expert] = other;
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
            java.util.Arrays.fill(layer.others, null);
            layer.leavingOut = null;
        });
    }

    private static final class Layer implements ExpertWeights {
        private final ExpertWeights own;
        private final Expert[] others;
        private LeavingOut leavingOut;

        Layer(ExpertWeights own) {
            this.own = own;
            this.others = new Expert[own.experts()];
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

        @Override
        public Expert acquire(int expert) {
            Expert other = others[expert];
            return other == null ? own.acquire(expert) : other;
        }

        @Override
        public boolean leavesOutByToken() {
            return leavingOut != null;
        }

        @Override
        public boolean leavesOut(int expert, double share, int tokens) {
            return leavingOut != null && leavingOut.leavesOut(expert, share);
        }

        @Override
        public void release(int expert) {
            if (others[expert] == null) {
                own.release(expert);
            }
        }
    }
}
