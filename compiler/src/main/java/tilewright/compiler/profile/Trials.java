package tilewright.compiler.profile;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tilewright.compiler.allocate.AllocationRule;
import tilewright.compiler.allocate.BitAllocation;
import tilewright.compiler.allocate.ExpertModel;
import tilewright.compiler.allocate.RecordSizes;
import tilewright.compiler.store.Allocation;

/** Allocations of bits that are tried on calibration text, to know how well sums over matrices predict their losses. */
final class Trials {
    /** Where a state counts the steps. */
    static final int DONE = 3;

    private static final RecordSizes SIZES = RecordSizes.codes();

    /** An allocation that is tried, at mean bits of codes and scales. */
    private record Attempt(AllocationRule rule, double bits) {}

    private static final List<Attempt> ALL = all();
    /** For models of which quantising all experts takes long. */
    private static final List<Attempt> FEW = List.of(
            new Attempt(AllocationRule.ILP, 2.5),
            new Attempt(AllocationRule.ILP, 3.25),
            new Attempt(AllocationRule.ILP, 4.25));

    private static List<Attempt> all() {
        Map<AllocationRule, List<Double>> bits = new EnumMap<>(AllocationRule.class);
        bits.put(AllocationRule.ILP, List.of(2.25, 2.5, 2.75, 3.0, 3.25, 3.5, 4.0, 5.0, 6.25));
        bits.put(AllocationRule.UNIFORM, List.of(3.25, 4.25, 5.25));
        bits.put(AllocationRule.EDGEMOE, List.of(2.5, 3.0, 3.5, 4.0));
        bits.put(AllocationRule.MC_MOE, List.of(2.5, 3.0, 3.5, 4.0));
        List<Attempt> attempts = new ArrayList<>();
        bits.forEach((rule, each) -> each.forEach(mean -> attempts.add(new Attempt(rule, mean))));
        return attempts;
    }

    private final List<Attempt> attempts;
    private final int together;
    private final Windows text;
    private final double[] sums;
    private final double[] done;

    /**
     * Goes on from a state.
     *
     * @param unit of the sensitivity: {@link SensitivityUnit#SAMPLED} stands for a large model, of which one quantised copy at a time is
     *     in memory
     * @param sums of the state, {@link #sums} of them: of each trial divergence, increase of the loss and its square over tokens
     * @param done at {@link #DONE} the steps made
     */
    Trials(SensitivityUnit unit, Windows text, double[] sums, double[] done) {
        this.attempts = attempts(unit);
        this.together = unit == SensitivityUnit.SAMPLED ? 1 : attempts.size();
        this.text = text;
        this.sums = sums;
        this.done = done;
    }

    private static List<Attempt> attempts(SensitivityUnit unit) {
        return unit == SensitivityUnit.SAMPLED ? FEW : ALL;
    }

    /** How many sums a state keeps. */
    static int sums(SensitivityUnit unit) {
        return 3 * attempts(unit).size();
    }

    /** Quantises a model again and again. */
    interface Measuring {
        /** A measurement that holds no quantised matrices yet. */
        AllocationMeasurement begin();
    }

    /** The steps that there are. */
    int steps() {
        return Math.ceilDiv(attempts.size(), together) * text.steps();
    }

    /**
     * Measures what is still to be measured.
     *
     * @param model chooses bits
     * @param tried says what the codes that are tried are predicted to lose
     */
    List<Trial> run(ExpertModel model, ExpertModel tried, Measuring measuring, Runnable afterEach) {
        List<BitAllocation> allocations = new ArrayList<>();
        double bytesPerBit = BitAllocation.weights(model) / (double) Byte.SIZE;
        // Where rows are no whole groups, 2 bits take more than 2.25.
        double least = new BitAllocation(model, AllocationRule.WIDTHS.getFirst()).bytes(SIZES);
        for (Attempt attempt : attempts) {
            allocations.add(attempt.rule()
                    .within(model, SIZES, Math.max(least, attempt.bits() * bytesPerBit))
                    .allocation());
        }
        int number = 0;
        for (int first = 0; first < attempts.size(); first += together) {
            List<Allocation> batch = List.copyOf(allocations.subList(first, first + together));
            if (done[DONE] >= number + text.steps()) {
                number += text.steps();
                continue;
            }
            try (AllocationMeasurement measurement = measuring.begin()) {
                for (int step = 0; step < text.steps(); step++, number++) {
                    if (done[DONE] <= number) {
                        measurement.add(batch, text, step, sums, 3 * first);
                        done[DONE]++;
                        afterEach.run();
                    }
                }
            }
        }
        return trials(allocations, tried);
    }

    private List<Trial> trials(List<BitAllocation> allocations, ExpertModel tried) {
        List<AllocationMeasurement.Result> results = AllocationMeasurement.results(sums, text.tokens());
        List<Trial> trials = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            AllocationMeasurement.Result result = results.get(i);
            trials.add(new Trial(
                    attempts.get(i).rule().label(),
                    allocations.get(i).bitsPerWeight(SIZES),
                    allocations.get(i).loss(tried),
                    result.divergence(),
                    result.lossIncrease(),
                    result.standardError(),
                    result.tokens()));
        }
        return trials;
    }
}
