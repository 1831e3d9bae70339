package tilewright.hw.program;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.hw.program.RandomProgram.Sizes;
import tilewright.hw.program.RandomProgram.Values;

/** The golden machine against {@link NaiveMachine}, and what it promises about buffers and threads. */
class GoldenMachineTest {
    /** No length is a multiple of a vector's. */
    private static final Sizes ODD = new Sizes(8, new PatchGeometry(2, 6, 9, 3), 2, 3, 5, 13, 6, 2, 7);

    /** Rows shorter and longer than a vector, three experts per token. */
    private static final Sizes LONG = new Sizes(8, new PatchGeometry(1, 4, 8, 4), 2, 1, 33, 3, 5, 3, 18);

    private static Sizes withBits(Sizes sizes, int bits) {
        return new Sizes(
                bits,
                sizes.geometry(),
                sizes.extraTokens(),
                sizes.heads(),
                sizes.headSize(),
                sizes.hidden(),
                sizes.experts(),
                sizes.topK(),
                sizes.expertHidden());
    }

    private static long[] flat(long[][] rows) {
        return Arrays.stream(rows).flatMapToLong(Arrays::stream).toArray();
    }

    private static long[] wide(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "8, MODERATE, 1", "8, EXTREME, 2", "8, ONE_EXPERT, 3", "8, TIES, 4",
        "16, MODERATE, 5", "16, EXTREME, 6", "16, ONE_EXPERT, 7", "16, TIES, 8"
    })
    void everyBufferIsWhatTheStepsAreDocumentedToCompute(int bits, Values values, long seed) {
        for (Sizes sizes : List.of(ODD, LONG)) {
            Program program = RandomProgram.of(withBits(sizes, bits), values, seed);
            for (TaskProgram task : program.tasks()) {
                GoldenMachine machine = new GoldenMachine(program);
                NaiveMachine naive = new NaiveMachine(program);
                for (byte[] image : RandomProgram.images(program, 2, seed)) {
                    machine.run(task, image, 0, task.steps().size(), (index, step) -> {
                        naive.run(step, image);
                        program.buffers()
                                .values()
                                .forEach(buffer -> assertArrayEquals(
                                        flat(naive.contents(buffer)),
                                        wide(machine.contents(buffer)),
                                        () -> "seed " + seed + ", " + task.task() + ", " + buffer.name() + " after "
                                                + step.name()));
                    });
                }
            }
        }
    }

    @Test
    void extremeValuesReachTheEndsOfTheResidualStream() {
        Program program = RandomProgram.of(ODD, Values.EXTREME, 2);
        GoldenMachine machine = new GoldenMachine(program);
        machine.run(
                program.tasks().getFirst(), RandomProgram.images(program, 1, 2).getFirst());
        int[] tokens = machine.contents(program.residual());

        assertEquals(Short.MAX_VALUE, Arrays.stream(tokens).max().orElseThrow());
        assertEquals(Short.MIN_VALUE, Arrays.stream(tokens).min().orElseThrow());
    }

    @Test
    void earlierImagesAndTasksLeaveNoTrace() {
        Program program = RandomProgram.of(ODD, Values.MODERATE, 11);
        List<byte[]> images = RandomProgram.images(program, 3, 11);
        GoldenMachine used = new GoldenMachine(program);
        for (byte[] image : images) {
            for (TaskProgram task : program.tasks()) {
                assertArrayEquals(new GoldenMachine(program).run(task, image), used.run(task, image), task.task());
            }
        }
    }

    @Test
    void aTaskInPartsGivesWhatItGivesAsAWhole() {
        Program program = RandomProgram.of(ODD, Values.MODERATE, 12);
        TaskProgram task = program.task("patches");
        byte[] image = RandomProgram.images(program, 1, 12).getFirst();
        int[] whole = new GoldenMachine(program).run(task, image);
        GoldenMachine machine = new GoldenMachine(program);
        List<Integer> seen = new ArrayList<>();

        for (int step = 0; step < task.steps().size(); step++) {
            machine.run(task, image, step, step + 1, (index, done) -> {
                seen.add(index);
                assertSame(task.steps().get(index), done);
            });
        }

        assertArrayEquals(whole, machine.contents(task.result()));
        assertEquals(IntStream.range(0, task.steps().size()).boxed().toList(), seen);
    }

    @Test
    void whatIsWrittenToABufferIsWhatTheNextStepReads() {
        Program program = RandomProgram.of(ODD, Values.MODERATE, 13);
        TaskProgram task = program.task("classes");
        byte[] image = RandomProgram.images(program, 1, 13).getFirst();
        GoldenMachine donor = new GoldenMachine(program);
        int[] expected = donor.run(task, image);
        int head = IntStream.range(0, task.steps().size())
                .filter(i -> task.steps().get(i).block().equals("head"))
                .findFirst()
                .orElseThrow();
        int[] tokens = donor.contents(program.residual()).clone();
        GoldenMachine forced = new GoldenMachine(program);

        System.arraycopy(tokens, 0, forced.contents(program.residual()), 0, tokens.length);
        forced.run(task, image, head, task.steps().size(), (index, step) -> {});

        assertArrayEquals(expected, forced.contents(task.result()));
    }

    @Test
    void theResultIsACopyThatLaterRunsDoNotTouch() {
        Program program = RandomProgram.of(ODD, Values.MODERATE, 14);
        TaskProgram task = program.task("classes");
        List<byte[]> images = RandomProgram.images(program, 2, 14);
        GoldenMachine machine = new GoldenMachine(program);

        int[] first = machine.run(task, images.get(0));
        int[] kept = first.clone();
        int[] second = machine.run(task, images.get(1));

        assertArrayEquals(kept, first);
        assertTrue(!Arrays.equals(first, second), "two random images have two results");
    }

    @Test
    void theRoutingIsThatOfTheLastRouter() {
        Program program = RandomProgram.of(ODD, Values.MODERATE, 15);
        TaskProgram task = program.task("classes");
        GoldenMachine machine = new GoldenMachine(program);
        assertNull(machine.routing());

        machine.run(task, RandomProgram.images(program, 1, 15).getFirst());

        Routing routing = machine.routing();
        int tokens = program.residual().tokens();
        assertEquals(6, routing.experts());
        assertEquals(2, routing.topK());
        assertEquals(tokens * 2, routing.ids().length);
        int[] queued = IntStream.range(0, routing.experts())
                .flatMap(expert -> {
                    int[] queue = routing.queue(expert);
                    for (int i = 0; i < queue.length; i++) {
                        assertEquals(expert, routing.ids()[queue[i]]);
                        assertTrue(i == 0 || queue[i - 1] < queue[i], "token order");
                    }
                    return Arrays.stream(queue);
                })
                .sorted()
                .toArray();
        assertArrayEquals(IntStream.range(0, tokens * 2).toArray(), queued, "every slot is in one queue");
    }

    @Test
    void manyThreadsGiveTheResultsOfOneInTheOrderOfTheImages() {
        Program program = RandomProgram.of(LONG, Values.MODERATE, 16);
        TaskProgram task = program.task("patches");
        List<byte[]> images = RandomProgram.images(program, 17, 16);
        GoldenMachine machine = new GoldenMachine(program);

        List<int[]> results = GoldenRuns.map(program, images.size(), (given, i) -> given.run(task, images.get(i)));

        assertEquals(17, results.size());
        for (int i = 0; i < images.size(); i++) {
            assertArrayEquals(machine.run(task, images.get(i)), results.get(i), "image " + i);
        }
        assertEquals(List.of(), GoldenRuns.map(program, 0, (given, i) -> i));
    }

    @Test
    void aFailureInAThreadIsReported() {
        Program program = RandomProgram.of(LONG, Values.MODERATE, 17);

        IllegalStateException failure = assertThrows(
                IllegalStateException.class,
                () -> GoldenRuns.map(program, 3, (machine, i) -> {
                    throw new UnsupportedOperationException("image " + i);
                }));

        assertTrue(failure.getMessage().startsWith("the golden machine failed: "), failure.getMessage());
        assertEquals(UnsupportedOperationException.class, failure.getCause().getClass());
    }

    @Test
    void anUnknownTaskIsNamedWithThoseThatExist() {
        Program program = RandomProgram.of(LONG, Values.MODERATE, 18);

        assertEquals(
                "no task 'depth'; there are [classes, patches]",
                assertThrows(IllegalArgumentException.class, () -> program.task("depth"))
                        .getMessage());
    }
}
