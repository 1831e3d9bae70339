package tilewright.edge.matrix;

import java.util.concurrent.atomic.AtomicInteger;

/** Hands out experts in the given order, each when it is taken. */
final class OrderedStep implements ExpertWeights.Step {
    private final ExpertWeights weights;
    private final int[] experts;
    private final ExpertWeights.Expert[] held;
    private final AtomicInteger next = new AtomicInteger();

    OrderedStep(ExpertWeights weights, int[] experts) {
        this.weights = weights;
        this.experts = experts;
        this.held = new ExpertWeights.Expert[experts.length];
    }

    @Override
    public int take() {
        int place = next.getAndIncrement();
        if (place >= experts.length) {
            return -1;
        }
        held[place] = weights.acquire(experts[place]);
        return place;
    }

    @Override
    public int poll() {
        return take();
    }

    @Override
    public ExpertWeights.Expert expert(int place) {
        return held[place];
    }

    @Override
    public void done(int place) {
        held[place] = null;
        weights.release(experts[place]);
    }

    @Override
    public void close() {
        next.set(experts.length);
        for (int place = 0; place < experts.length; place++) {
            if (held[place] != null) {
                done(place);
            }
        }
    }
}
