package tilewright.hw.unit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import tilewright.hw.arith.OnlineSoftmax;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.arith.TopK;
import tilewright.hw.program.Routing;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.routing.Dispatcher;
import tilewright.hw.unit.routing.RouterUnit;

/** Random tokens for the router and the dispatcher, with what the integer semantics make of them. */
public final class RoutingCases {
    private RoutingCases() {}

    /** Tokens whose scores are random, near one another, or equal. */
    public static UnitCase router(RouterUnit.Choice choice, Multiplier multiplier, long seed, int tokens) {
        SplittableRandom random = new SplittableRandom(seed);
        SoftmaxFormat format = new SoftmaxFormat(Math.max(197, choice.experts()));
        OnlineSoftmax softmax = new OnlineSoftmax(format);
        List<List<Long>> words = new ArrayList<>();
        List<List<Long>> results = new ArrayList<>();
        for (int t = 0; t < tokens; t++) {
            long[] scores = UnitCases.anyScores(random, choice.experts());
            if (random.nextInt(4) == 0) {
                scores[random.nextInt(scores.length)] = scores[random.nextInt(scores.length)];
            }
            int[] selected = new int[choice.topK()];
            TopK.select(scores, selected);
            softmax.reset();
            (choice.overSelected() ? IntStream.of(selected) : IntStream.range(0, scores.length))
                    .forEach(expert -> softmax.add(scores[expert]));
            softmax.finish();
            for (int e = 0; e < scores.length; e++) {
                words.add(List.of(scores[e], e == scores.length - 1 ? 1L : 0));
            }
            for (int k = 0; k < selected.length; k++) {
                long probability = softmax.probability(scores[selected[k]]);
                results.add(List.of((long) selected[k], probability, k == selected.length - 1 ? 1L : 0));
            }
        }
        return new UnitCase(
                "router " + choice + " " + multiplier,
                () -> new RouterUnit(choice, format, multiplier),
                Map.of("scores", words),
                Map.of("routes", results));
    }

    /** Batches of so many tokens, whose experts are evenly or very unevenly chosen. */
    public static UnitCase dispatcher(Dispatcher.Capacity capacity, int tokens, long seed, int batches) {
        SplittableRandom random = new SplittableRandom(seed);
        List<List<Long>> routes = new ArrayList<>();
        List<List<Long>> experts = new ArrayList<>();
        List<List<Long>> visits = new ArrayList<>();
        int topK = capacity.topK();
        for (int b = 0; b < batches; b++) {
            int popular = random.nextInt(topK, capacity.experts() + 1);
            int[] ids = new int[tokens * topK];
            long[] probabilities = random.longs(ids.length, 0, 1L << capacity.probabilityBits())
                    .toArray();
            for (int t = 0; t < tokens; t++) {
                int[] chosen = random.ints(0, popular).distinct().limit(topK).toArray();
                System.arraycopy(chosen, 0, ids, t * topK, topK);
            }
            for (int i = 0; i < ids.length; i++) {
                routes.add(List.of((long) ids[i], probabilities[i], i % topK == topK - 1 ? 1L : 0));
            }
            Routing routing = new Routing(capacity.experts(), topK, ids, probabilities);
            int[] used = IntStream.of(ids).sorted().distinct().toArray();
            for (int expert : used) {
                int[] queue = routing.queue(expert);
                experts.add(List.of((long) expert, (long) queue.length, expert == used[used.length - 1] ? 1L : 0));
                for (int i = 0; i < queue.length; i++) {
                    visits.add(
                            List.of((long) queue[i] / topK, probabilities[queue[i]], i == queue.length - 1 ? 1L : 0));
                }
            }
        }
        return new UnitCase(
                "dispatcher of " + tokens + " tokens, " + capacity,
                () -> new Dispatcher(capacity),
                Map.of("batch", (long) tokens),
                Map.of(),
                Map.of("routes", routes),
                Map.of("experts", experts, "visits", visits));
    }
}
