package tilewright.edge.expert;

import tilewright.edge.matrix.ExpertWeights;
import tilewright.model.InvalidInputException;

/** The experts of one product, handed out as they come. */
final class StreamedStep implements ExpertWeights.Step {
    private final ExpertCache cache;
    private final CachedExpert[] needed;
    private final int[] rows;
    private final boolean[] taken;
    private final boolean[] ended;
    private int left;
    private int waiting;
    private int inHand;
    private boolean stalled;
    private long stalledSince;

    /** Experts that the cache knows to be needed, each for some rows. */
    StreamedStep(ExpertCache cache, CachedExpert[] needed, int[] rows) {
        this.cache = cache;
        this.needed = needed;
        this.rows = rows;
        this.taken = new boolean[needed.length];
        this.ended = new boolean[needed.length];
        this.left = needed.length;
    }

    @Override
    public int take() {
        cache.lock.lock();
        try {
            int place = next();
            if (place < 0 && left > 0) {
                place = await();
            }
            count();
            return place;
        } finally {
            cache.lock.unlock();
        }
    }

    @Override
    public int poll() {
        cache.lock.lock();
        try {
            int place = next();
            count();
            return place;
        } finally {
            cache.lock.unlock();
        }
    }

    private int await() {
        waiting++;
        try {
            int place = -1;
            while (place < 0 && left > 0) {
                count();
                cache.arrived.awaitUninterruptibly();
                place = next();
            }
            return place;
        } finally {
            waiting--;
        }
    }

    /** Notes when the computation begins to wait, and when it goes on: some thread waits, and none has an expert in hand. */
    private void count() {
        long now = System.nanoTime();
        boolean stalls = waiting > 0 && inHand == 0;
        if (stalls && !stalled) {
            stalledSince = now;
        } else if (!stalls && stalled) {
            cache.stalled(now - stalledSince);
        }
        stalled = stalls;
    }

    private int next() {
        for (int place = 0; place < needed.length; place++) {
            CachedExpert expert = needed[place];
            if (!taken[place]) {
                if (expert.failure != null) {
                    left = 0;
                    cache.arrived.signalAll();
                    throw failed(expert);
                }
                if (expert.present()) {
                    taken[place] = true;
                    left--;
                    inHand++;
                    cache.used(expert, rows[place]);
                    return place;
                }
            }
        }
        return -1;
    }

    private static RuntimeException failed(CachedExpert expert) {
        if (expert.failure instanceof InvalidInputException known) {
            // A new one, whose trace leads here and not into a lane.
            return new InvalidInputException(known.getMessage(), known);
        }
        return new InvalidInputException(
                "expert " + expert.expert + " of layer " + expert.layer + " of experts cannot be read ("
                        + expert.failure.getMessage() + "); check the disk and the model's file",
                expert.failure);
    }

    @Override
    public ExpertWeights.Expert expert(int place) {
        return needed[place].matrices;
    }

    @Override
    public void done(int place) {
        cache.lock.lock();
        try {
            end(place);
            cache.pump();
        } finally {
            cache.lock.unlock();
        }
    }

    private void end(int place) {
        if (!ended[place]) {
            ended[place] = true;
            inHand -= taken[place] ? 1 : 0;
            count();
            cache.release(needed[place]);
        }
    }

    @Override
    public void close() {
        cache.lock.lock();
        try {
            for (int place = 0; place < needed.length; place++) {
                end(place);
            }
            cache.pump();
        } finally {
            cache.lock.unlock();
        }
    }
}
