package tilewright.hw.unit.pipeline;

import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;

/** A natural number and a word that goes along with it. */
public final class Tagged<T extends Data> extends Bundle {
    /** The number. */
    public final UInt value;
    /** What goes along. */
    public final T tag;

    private Tagged(int bits, Type<T> word) {
        value = field(uint(bits));
        tag = field(word);
    }

    /** The type of numbers of {@code bits} bits with a word. */
    public static <T extends Data> Type<Tagged<T>> of(int bits, Type<T> word) {
        return () -> new Tagged<>(bits, word);
    }
}
