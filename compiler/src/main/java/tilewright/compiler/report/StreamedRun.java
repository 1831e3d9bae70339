package tilewright.compiler.report;

import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tilewright.compiler.report.ReportData.Note;
import tilewright.compiler.report.ReportData.Setting;
import tilewright.edge.expert.ExpertUse;
import tilewright.edge.expert.StreamingCounters;
import tilewright.edge.expert.StreamingReport;

/**
 * What is known of a run with experts on demand.
 *
 * @param model its name
 * @param version of Tilewright
 * @param settings how it was run
 * @param phases its parts in order, such as prefill and decode; the last one is the headline's
 * @param experts what all experts were used for, layer by layer
 * @param memory what the budget went to
 * @param course what was occupied over time
 * @param notes remarks and warnings
 */
public record StreamedRun(
        String model,
        String version,
        List<Setting> settings,
        List<Phase> phases,
        List<ExpertUse> experts,
        Memory memory,
        MemoryCourse course,
        List<Note> notes) {
    /** Copies the lists. */
    public StreamedRun {
        settings = List.copyOf(settings);
        phases = List.copyOf(phases);
        experts = List.copyOf(experts);
        notes = List.copyOf(notes);
    }

    /**
     * Part of a run.
     *
     * @param name such as {@code decode}
     * @param figures of the whole part
     * @param samples its course
     */
    public record Phase(String name, StreamingReport figures, List<Sample> samples) {
        /** Copies the list. */
        public Phase {
            samples = List.copyOf(samples);
        }
    }

    /**
     * A few tokens that went through the model.
     *
     * @param tokens how many
     * @param seconds how long they took
     * @param cost what was needed, read and waited for meanwhile
     */
    public record Sample(long tokens, double seconds, StreamingCounters cost) {
        /** This and what followed as one. */
        public Sample plus(Sample next) {
            return new Sample(tokens + next.tokens, seconds + next.seconds, cost.plus(next.cost));
        }
    }

    /**
     * Where the memory went, in bytes.
     *
     * @param budget what the run was given
     * @param mostResident the most that was seen of the process in memory, its model's cached pages included
     * @param resident of the process at the end
     * @param dense weights that every token needs
     * @param heap of the JVM
     * @param slots memory for experts
     * @param occupied the part of it that experts were in at the end
     */
    public record Memory(
            long budget, long mostResident, long resident, long dense, long heap, long slots, long occupied) {
        /** What is neither weights nor heap: code, threads, buffers. */
        public long others() {
            return Math.max(0, resident - dense - heap - occupied);
        }

        /** What the budget has left beside everything that is there or set aside; 0 when there is none. */
        public long left() {
            return Math.max(0, budget - dense - heap - others() - slots);
        }

        /** Memory that is set aside for experts and holds none. */
        public long free() {
            return Math.max(0, slots - occupied);
        }
    }

    /** The experts of each layer. */
    List<List<ExpertUse>> layers() {
        return List.copyOf(experts.stream()
                .collect(Collectors.groupingBy(ExpertUse::layer, TreeMap::new, Collectors.toList()))
                .values());
    }
}
