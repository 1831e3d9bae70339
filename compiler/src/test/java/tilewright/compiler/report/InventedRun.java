package tilewright.compiler.report;

import java.util.ArrayList;
import java.util.List;
import tilewright.compiler.report.ReportData.Setting;
import tilewright.compiler.report.StreamedRun.Memory;
import tilewright.compiler.report.StreamedRun.Phase;
import tilewright.compiler.report.StreamedRun.Sample;
import tilewright.edge.expert.ExpertUse;
import tilewright.edge.expert.StorageRate;
import tilewright.edge.expert.StreamingCounters;
import tilewright.edge.expert.StreamingReport;

/** Invented runs with experts on demand; no number in them was measured. */
final class InventedRun {
    static final long MEBI = 1 << 20;

    private InventedRun() {}

    /** A token that took 50 ms, 10 of them waiting; it needed 100 MiB, found 75 and read 30 in 15 ms. */
    static Sample token() {
        return new Sample(
                1,
                0.05,
                new StreamingCounters(16, 100 * MEBI, 75 * MEBI, 5 * MEBI, 30 * MEBI, 15_000_000, 10_000_000, 0, 0, 0));
    }

    /** A part of so many equal tokens; storage gives 1000 MiB per second. */
    static Phase phase(String name, int tokens) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < tokens; i++) {
            samples.add(token());
        }
        StreamingCounters cost = samples.stream()
                .map(Sample::cost)
                .reduce(StreamingCounters::plus)
                .orElse(new StreamingCounters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        return new Phase(
                name,
                new StreamingReport(
                        tokens,
                        0.05 * tokens,
                        cost,
                        new StorageRate(1000.0 * MEBI, 800.0 * MEBI),
                        300 * MEBI,
                        900 * MEBI,
                        4,
                        7),
                samples);
    }

    /** Experts with uses of all sizes; every third one is in memory. */
    static List<ExpertUse> experts(int layers, int count) {
        List<ExpertUse> experts = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            for (int expert = 0; expert < count; expert++) {
                long uses = (31L * layer + 17L * expert) * (expert + 1) % 9973;
                long reads = uses / 3;
                experts.add(new ExpertUse(
                        layer, expert, uses, uses - reads, reads, reads * MEBI, (layer + expert) % 3 == 0));
            }
        }
        return experts;
    }

    /** A budget of 1000 MiB: 200 dense, 100 heap, 300 for experts, 250 of them in use, 650 resident. */
    static Memory memory() {
        return new Memory(1000 * MEBI, 700 * MEBI, 650 * MEBI, 200 * MEBI, 100 * MEBI, 300 * MEBI, 250 * MEBI);
    }

    /** Two seconds in steps of 0.1: from 100 MiB up to 700 and down to 650, a tenth of it files, 3 MiB cached at first. */
    static MemoryCourse course() {
        List<MemoryCourse.Sample> samples = new ArrayList<>();
        for (int i = 0; i <= 20; i++) {
            long all = i == 20 ? 650 : Math.min(700, 100 + 60 * i);
            samples.add(new MemoryCourse.Sample(
                    i / 10.0,
                    (all - all / 10) * MEBI - (i == 0 ? 3 * MEBI : 0),
                    all / 10 * MEBI,
                    i == 0 ? 3 * MEBI : 0));
        }
        return new MemoryCourse(1000 * MEBI, 0.5, samples, samples.get(10), true);
    }

    static StreamedRun of(String model, List<Phase> phases, List<ExpertUse> experts) {
        return new StreamedRun(
                model,
                "0.0.7",
                List.of(new Setting("lanes", "4", "at a time")),
                phases,
                experts,
                memory(),
                course(),
                List.of());
    }
}
