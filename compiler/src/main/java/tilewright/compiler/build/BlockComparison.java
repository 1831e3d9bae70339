package tilewright.compiler.build;

import java.util.ArrayList;
import java.util.List;
import tilewright.compiler.Progress;
import tilewright.compiler.build.VerifyResult.BlockAgreement;
import tilewright.compiler.quant.TaskModel;
import tilewright.hw.arith.FixedPoint;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.GoldenMachine;
import tilewright.hw.program.GoldenRuns;
import tilewright.hw.program.Program;
import tilewright.hw.program.TaskProgram;
import tilewright.model.data.ImageSet;
import tilewright.sim.HlsSimulation;

/**
 * Compares a task block by block, twice: free-running, and with each block's input forced to the float model's tokens,
 * rounded to the residual stream's format.
 */
final class BlockComparison {
    private final Program program;
    private final TaskProgram task;
    private final int number;
    private final TaskModel reference;
    private final ImageSet images;
    private final Progress progress;
    private final List<BlockSteps> blocks;
    private final List<Tally> tallies = new ArrayList<>();

    /** The sums of one block over all images. */
    private static final class Tally {
        final RelativeError free = new RelativeError();
        final RelativeError forced = new RelativeError();
        long mismatches;
        long routings;
        long freeFlips;
        long forcedFlips;
    }

    /**
     * Prepares the comparison.
     *
     * @param reference the float model, or null when there is none; then nothing is forced
     */
    BlockComparison(
            Program program, TaskProgram task, int number, TaskModel reference, ImageSet images, Progress progress) {
        this.program = program;
        this.task = task;
        this.number = number;
        this.reference = reference;
        this.images = images;
        this.progress = progress;
        blocks = BlockSteps.of(task);
        blocks.forEach(block -> tallies.add(new Tally()));
    }

    /** Runs both comparisons on all images. */
    List<BlockAgreement> compare(HlsSimulation simulation) {
        String what = "compare blocks of " + task.task();
        progress.update(what, 0, images.count());
        List<FloatReference> expected = new ArrayList<>();
        List<HlsSimulation.Run> runs = new ArrayList<>();
        for (int i = 0; i < images.count(); i++) {
            expected.add(reference == null ? null : FloatReference.run(reference, images, i));
            runs.add(new HlsSimulation.Run(images.image(i), segments(expected.get(i))));
        }
        List<List<int[]>> simulated = simulation.execute(number, runs);
        List<List<int[]>> golden =
                GoldenRuns.map(program, images.count(), (machine, i) -> execute(machine, runs.get(i)));
        for (int i = 0; i < images.count(); i++) {
            take(simulated.get(i), golden.get(i), expected.get(i));
            progress.update(what, i + 1, images.count());
        }
        List<BlockAgreement> agreements = new ArrayList<>();
        for (int b = 0; b < blocks.size(); b++) {
            Tally tally = tallies.get(b);
            agreements.add(new BlockAgreement(
                    blocks.get(b).block(),
                    tally.mismatches,
                    reference == null ? Double.NaN : tally.free.value(),
                    reference == null || b == 0 ? Double.NaN : tally.forced.value(),
                    tally.routings,
                    tally.freeFlips,
                    tally.forcedFlips));
        }
        return agreements;
    }

    /** First all blocks in order, then each block but the embedding on its own. */
    private List<HlsSimulation.Segment> segments(FloatReference expected) {
        List<HlsSimulation.Segment> segments = new ArrayList<>();
        blocks.forEach(block ->
                segments.add(new HlsSimulation.Segment(block.first(), block.last(), null, block.reads(program))));
        for (int b = 1; b < blocks.size() && expected != null; b++) {
            BlockSteps block = blocks.get(b);
            int[] input = codes(expected.tokens(blocks.get(b - 1).block()));
            segments.add(new HlsSimulation.Segment(block.first(), block.last(), input, block.reads(program)));
        }
        return segments;
    }

    private int[] codes(float[] tokens) {
        int[] codes = new int[tokens.length];
        Buffer residual = program.residual();
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (int) FixedPoint.saturate((long) Math.rint(tokens[i] / residual.scale()), residual.bits());
        }
        return codes;
    }

    /** Does what the C simulation does, in the golden machine. */
    private List<int[]> execute(GoldenMachine machine, HlsSimulation.Run run) {
        List<int[]> reads = new ArrayList<>();
        for (HlsSimulation.Segment segment : run.segments()) {
            if (segment.residual() != null) {
                int[] residual = machine.contents(program.residual());
                System.arraycopy(segment.residual(), 0, residual, 0, residual.length);
            }
            machine.run(task, run.image(), segment.firstStep(), segment.lastStep(), (index, step) -> {});
            segment.reads().forEach(buffer -> reads.add(machine.contents(buffer).clone()));
        }
        return reads;
    }

    private void take(List<int[]> simulated, List<int[]> golden, FloatReference expected) {
        int at = 0;
        for (int pass = 0; pass < (expected == null ? 1 : 2); pass++) {
            boolean forced = pass == 1;
            for (int b = pass; b < blocks.size(); b++) {
                BlockSteps block = blocks.get(b);
                Tally tally = tallies.get(b);
                int[] tokens = golden.get(at);
                tally.mismatches += Verification.differences(simulated.get(at++), tokens);
                if (expected != null) {
                    (forced ? tally.forced : tally.free)
                            .add(tokens, program.residual().scale(), expected.tokens(block.block()));
                }
                if (block.routing() != null) {
                    int[] ids = golden.get(at);
                    tally.mismatches += Verification.differences(simulated.get(at++), ids);
                    takeRouting(tally, block, ids, expected, forced);
                }
            }
        }
    }

    private static void takeRouting(Tally tally, BlockSteps block, int[] ids, FloatReference expected, boolean forced) {
        int topK = block.routing().features();
        if (!forced) {
            tally.routings += ids.length / topK;
        }
        if (expected != null) {
            long flips = expected.flips(block.block(), ids, topK);
            tally.freeFlips += forced ? 0 : flips;
            tally.forcedFlips += forced ? flips : 0;
        }
    }
}
