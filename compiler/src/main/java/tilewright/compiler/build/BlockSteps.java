package tilewright.compiler.build;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.Program;
import tilewright.hw.program.Step;
import tilewright.hw.program.TaskProgram;

/**
 * The steps of one block of a task: they read and write the residual stream.
 *
 * @param block {@code embed}, {@code block0} and so on; the head is no block
 * @param first index of the first step
 * @param last index after the last step
 * @param routing buffer of the block's router, or null
 */
record BlockSteps(String block, int first, int last, Buffer routing) {
    static final String EMBED = "embed";

    /** The blocks of a task, in order. */
    static List<BlockSteps> of(TaskProgram task) {
        List<BlockSteps> blocks = new ArrayList<>();
        List<Step> steps = task.steps();
        int first = 0;
        while (first < steps.size() && !steps.get(first).block().equals("head")) {
            String block = steps.get(first).block();
            int last = first;
            Buffer routing = null;
            while (last < steps.size() && steps.get(last).block().equals(block)) {
                if (steps.get(last) instanceof Step.Route route) {
                    routing = route.output();
                }
                last++;
            }
            blocks.add(new BlockSteps(block, first, last, routing));
            first = last;
        }
        return blocks;
    }

    /** The buffers that show what the block did. */
    List<Buffer> reads(Program program) {
        return routing == null ? List.of(program.residual()) : List.of(program.residual(), routing);
    }
}
