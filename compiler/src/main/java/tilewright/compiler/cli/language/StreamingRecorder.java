package tilewright.compiler.cli.language;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import tilewright.compiler.Version;
import tilewright.compiler.report.MemoryCourse;
import tilewright.compiler.report.ReportData.Level;
import tilewright.compiler.report.ReportData.Note;
import tilewright.compiler.report.ReportData.Setting;
import tilewright.compiler.report.StreamedRun;
import tilewright.compiler.report.StreamedRun.Memory;
import tilewright.compiler.report.StreamedRun.Phase;
import tilewright.compiler.report.StreamedRun.Sample;
import tilewright.edge.expert.ExpertUse;
import tilewright.edge.expert.ProcessMemory;
import tilewright.edge.expert.StorageRate;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.expert.StreamingCounters;
import tilewright.edge.expert.StreamingReport;

/**
 * Keeps the course of a run with experts on demand, in memory that does not grow with its length.
 *
 * <p>Only what lies between {@link #begin} and {@link #end} counts.
 */
public final class StreamingRecorder {
    /** The name of reading a prompt. */
    public static final String PREFILL = "prefill";

    /** The name of writing token by token. */
    public static final String DECODE = "decode";

    /** Samples of a part that are kept. */
    static final int MOST_SAMPLES = 1024;

    /** Asking the system takes longer than a look at counters. */
    private static final long ASK_NANOS = 100_000_000;

    private static final double MEBI = 1 << 20;

    private final StreamedExperts experts;
    private final SequencedMap<String, Course> courses = new LinkedHashMap<>();
    private List<ExpertUse> uses = List.of();
    private List<ExpertUse> usesBefore;
    private StreamingCounters countersBefore;
    private long nanosBefore;
    private long asked;
    private long faultsBefore;

    /** A recorder of a run whose experts were given their memory. */
    public StreamingRecorder(StreamedExperts experts) {
        this.experts = experts;
    }

    /** One part of the run. */
    static final class Course extends ThinnedCourse<Sample> {
        private long faults;

        Course() {
            super(MOST_SAMPLES, Sample::plus);
        }
    }

    /** From here on it counts. */
    public void begin() {
        usesBefore = experts.uses();
        faultsBefore = ProcessMemory.majorFaults();
        countersBefore = experts.counters();
        nanosBefore = System.nanoTime();
        asked = nanosBefore;
    }

    /**
     * So many tokens went through the model since the last sample, or since it began; without a {@link #begin} nothing.
     *
     * @param part of the run, such as {@link #DECODE}
     */
    public void sample(String part, int tokens) {
        if (usesBefore == null) {
            return;
        }
        long now = System.nanoTime();
        StreamingCounters counters = experts.counters();
        Course course = courses.computeIfAbsent(part, _ -> new Course());
        course.add(new Sample(tokens, (now - nanosBefore) * 1e-9, counters.since(countersBefore)));
        countersBefore = counters;
        nanosBefore = now;
        if (now - asked > ASK_NANOS) {
            ask(course);
            asked = now;
        }
    }

    private void ask(Course course) {
        long faults = ProcessMemory.majorFaults();
        course.faults += faults - faultsBefore;
        faultsBefore = faults;
    }

    /** From here on it does not count. */
    public void end() {
        if (!courses.isEmpty()) {
            ask(courses.lastEntry().getValue());
        }
        List<ExpertUse> now = experts.uses();
        List<ExpertUse> sum = new ArrayList<>(now.size());
        for (int i = 0; i < now.size(); i++) {
            ExpertUse part = now.get(i).since(usesBefore.get(i));
            sum.add(uses.isEmpty() ? part : uses.get(i).plus(part));
        }
        uses = sum;
        usesBefore = null;
    }

    /**
     * All of it.
     *
     * @param open the model that ran
     * @param settings how it was run
     * @param budget bytes of memory that it was given
     * @param storage what storage gives at best
     */
    public StreamedRun run(OpenModel open, List<Setting> settings, long budget, StorageRate storage) {
        List<Phase> phases = courses.entrySet().stream()
                .map(course -> phase(course.getKey(), course.getValue(), storage))
                .toList();
        MemoryCourse course = open.watch().course();
        long resident = course.samples().getLast().total();
        Memory memory = new Memory(
                budget,
                course.peak().total(),
                resident,
                LanguageSummary.of(open.model()).denseBytes(),
                Runtime.getRuntime().totalMemory(),
                experts.cacheBytes(),
                experts.occupiedBytes());
        List<Note> notes = new ArrayList<>();
        if (!course.held()) {
            notes.add(new Note(
                    Level.WARNING,
                    String.format(
                            Locale.ROOT,
                            "the process occupied %.0f MiB after %.1f s, %.0f MiB more than its budget",
                            course.peak().total() / MEBI,
                            course.peak().seconds(),
                            (course.peak().total() - budget) / MEBI)));
        }
        return new StreamedRun(
                String.valueOf(open.model().path().toAbsolutePath().normalize().getFileName()),
                Version.current(),
                settings,
                phases,
                uses,
                memory,
                course,
                notes);
    }

    private Phase phase(String name, Course course, StorageRate storage) {
        Sample whole = course.samples().stream().reduce(Sample::plus).orElseThrow();
        StreamingCounters cost = whole.cost();
        double reached = cost.readNanos() == 0 ? 0 : cost.readBytes() / (cost.readNanos() * 1e-9);
        StreamingReport figures = new StreamingReport(
                whole.tokens(),
                whole.seconds(),
                cost,
                storage.reached(reached),
                experts.cacheBytes(),
                experts.totalBytes(),
                experts.lanes(),
                course.faults);
        return new Phase(name, figures, course.samples());
    }
}
