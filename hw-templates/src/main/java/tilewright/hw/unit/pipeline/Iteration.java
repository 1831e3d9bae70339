package tilewright.hw.unit.pipeline;

import static tilewright.hw.lang.Hdl.bitsFor;
import static tilewright.hw.lang.Hdl.bool;
import static tilewright.hw.lang.Hdl.reg;
import static tilewright.hw.lang.Hdl.uint;
import static tilewright.hw.lang.Hdl.when;

import tilewright.hw.lang.Area;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Stream;

/** A word at a time: one clock takes it, then come the steps, then the result is offered until it is taken. */
final class Iteration implements Area {
    private final Bool busy;
    private final UInt left;
    private final Bool runs;

    Iteration(Stream<?> input, Stream<?> output, int steps) {
        busy = reg(bool(), 0);
        left = reg(uint(bitsFor(steps)));
        runs = reg(bool(), 0);
        Bool done = busy.and(runs.not());
        input.ready.assign(busy.not().or(done.and(output.ready)));
        output.valid.assign(done);
        when(output.fires(), () -> busy.assign(false));
        when(runs, () -> {
            left.assign(left.minusMod(1));
            runs.assign(left.ne(1));
        });
        when(input.fires(), () -> {
            busy.assign(true);
            runs.assign(true);
            left.assign(steps);
        });
    }

    /** Whether this clock is a step. */
    Bool runs() {
        return runs;
    }
}
