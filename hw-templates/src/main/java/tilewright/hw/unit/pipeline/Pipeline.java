package tilewright.hw.unit.pipeline;

import static tilewright.hw.lang.Hdl.bool;
import static tilewright.hw.lang.Hdl.nameAfter;
import static tilewright.hw.lang.Hdl.reg;
import static tilewright.hw.lang.Hdl.regWhen;
import static tilewright.hw.lang.Hdl.unconditionally;
import static tilewright.hw.lang.Hdl.when;
import static tilewright.hw.lang.Hdl.wire;

import tilewright.hw.lang.Area;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.stream.Stream;

/**
 * Registers between a stream that goes in and one that comes out, all of which move on together: at every clock at which
 * the output offers nothing or its word is taken. A word can enter at each such clock.
 *
 * <pre>{@code
 * Pipeline line = Pipeline.into(output);
 * SInt product = line.next(input.payload.first.times(input.payload.second));
 * output.payload.assign(line.next(product.plus(1)));
 * output.valid.assign(line.from(input, 2));
 * }</pre>
 */
public final class Pipeline implements Area {
    private final Bool moves;

    private Pipeline(Bool moves) {
        this.moves = moves;
    }

    /** The registers before an output whose word is in the last of them. */
    public static Pipeline into(Stream<?> output) {
        return new Pipeline(wire(output.ready.or(output.valid.not())));
    }

    /** Whether the registers move on at this clock. */
    public Bool moves() {
        return moves;
    }

    /** A value one stage later. */
    public <T extends Data> T next(T value) {
        return regWhen(value, moves);
    }

    /** A value {@code stages} stages later. */
    public <T extends Data> T later(T value, int stages) {
        T result = value;
        for (int i = 0; i < stages; i++) {
            result = next(result);
            nameAfter(result, value, "_" + (i + 1));
        }
        return result;
    }

    /** Takes the words of a stream, and says whether one is {@code stages} stages later. */
    public Bool from(Stream<?> input, int stages) {
        input.ready.assign(moves);
        return flag(input.valid, stages);
    }

    /** A flag {@code stages} stages later, false after reset. */
    public Bool flag(Bool value, int stages) {
        return unconditionally(() -> {
            Bool result = value;
            for (int i = 1; i <= stages; i++) {
                Bool before = result;
                Bool after = reg(bool(), 0);
                nameAfter(after, value, "_" + i);
                when(moves, () -> after.assign(before));
                result = after;
            }
            return result;
        });
    }
}
