package tilewright.compiler.quant;

import tilewright.hw.program.LinearParameters;
import tilewright.hw.program.Program;
import tilewright.hw.program.Step;
import tilewright.hw.program.TaskProgram;

/** Counts of the work that a program does. */
final class ProgramCosts {
    private ProgramCosts() {}

    /** Multiply-accumulates of the dearest task on one image, experts counted as the router uses them. */
    static long macsPerImage(Program program) {
        return program.tasks().stream().mapToLong(ProgramCosts::macs).max().orElse(0);
    }

    private static long macs(TaskProgram task) {
        long macs = 0;
        int topK = 0;
        for (Step step : task.steps()) {
            macs += switch (step) {
                case Step.Embed embed -> embed.geometry().patches() * size(embed.linear());
                case Step.Norm norm -> 0;
                case Step.Linear linear -> linear.tokens().count() * size(linear.linear());
                case Step.Attention attention ->
                    2L
                            * attention.input().tokens()
                            * attention.input().tokens()
                            * attention.output().features();
                case Step.Route route -> {
                    topK = route.topK();
                    yield route.input().tokens() * size(route.linear());
                }
                case Step.Experts experts ->
                    topK
                            * experts.input().tokens()
                            * (size(experts.first().getFirst())
                                    + size(experts.second().getFirst()));
            };
        }
        return macs;
    }

    private static long size(LinearParameters linear) {
        return (long) linear.outputs() * linear.inputs();
    }
}
