package tilewright.hw.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.stream.StreamBench;

/** Runs a case in the reference interpreter. */
final class UnitBench {
    private static final int SLICE = 64;

    private UnitBench() {}

    /** Holds that a unit gives what is expected, word for word, when both sides stall so often. */
    static void check(UnitCase unitCase, int stallPercent, long seed) {
        StreamBench bench = new StreamBench(Elaboration.of(unitCase.unit()), seed, stallPercent);
        unitCase.held().forEach((port, value) -> bench.interpreter().set(port, value));
        unitCase.loaded().forEach(bench::offer);
        bench.run(unitCase.loaded().values().stream().mapToInt(List::size).max().orElse(0)
                * 100
                / (101 - stallPercent)
                * 2);
        unitCase.offered().forEach(bench::offer);
        int limit = 1000 + unitCase.transfers() * 8 * 100 / (100 - stallPercent) * 4;
        for (int cycle = 0; cycle < limit && !complete(unitCase, bench); cycle += SLICE) {
            bench.run(SLICE);
        }
        unitCase.expected().forEach((port, words) -> {
            List<List<Long>> found = bench.taken(port);
            for (int i = 0; i < Math.min(words.size(), found.size()); i++) {
                int word = i;
                assertEquals(
                        words.get(i),
                        found.get(i),
                        () -> unitCase + ", seed " + seed + ", " + stallPercent + " % stalls, " + port + " word "
                                + word);
            }
            assertEquals(words.size(), found.size(), () -> unitCase + ", seed " + seed + ": words of " + port);
        });
    }

    private static boolean complete(UnitCase unitCase, StreamBench bench) {
        return unitCase.expected().entrySet().stream()
                .allMatch(port ->
                        bench.taken(port.getKey()).size() >= port.getValue().size());
    }
}
