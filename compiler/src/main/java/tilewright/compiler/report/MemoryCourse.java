package tilewright.compiler.report;

import java.util.List;

/**
 * What a process occupied while it ran, sampled.
 *
 * @param budget bytes that it was given
 * @param openedSeconds when the model was ready to run
 * @param samples in order, evenly spaced; each has the most of what it stands for
 * @param peak the sample with the largest total of all that were taken
 * @param cacheKnown whether the system says how much of the model's files it keeps in its cache
 */
public record MemoryCourse(long budget, double openedSeconds, List<Sample> samples, Sample peak, boolean cacheKnown) {
    /** Copies the list. */
    public MemoryCourse {
        samples = List.copyOf(samples);
    }

    /**
     * Memory at one moment, in bytes.
     *
     * @param seconds since the process began to be watched
     * @param anonymous heap, weights, experts, buffers
     * @param files pages of programs and files that are mapped
     * @param cached pages of the model's files that came into the system's cache meanwhile and are not mapped, at most what the
     *     process's control group is charged for; another process of the group that reads the same files brings some too
     */
    public record Sample(double seconds, long anonymous, long files, long cached) {
        /** All of it. */
        public long total() {
            return anonymous + files + cached;
        }

        /** The larger of this and another one, at the time of this. */
        public Sample most(Sample other) {
            return other.total() > total() ? new Sample(seconds, other.anonymous, other.files, other.cached) : this;
        }
    }

    /** Whether no sample was above the budget. */
    public boolean held() {
        return peak.total() <= budget;
    }
}
