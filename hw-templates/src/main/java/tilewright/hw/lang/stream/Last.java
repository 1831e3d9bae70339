package tilewright.hw.lang.stream;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.Type;

/** A word with a mark on the last one of a packet. */
public final class Last<T extends Data> extends Bundle {
    /** The word. */
    public final T value;
    /** Whether it ends a packet. */
    public final Bool last;

    private Last(Type<T> word) {
        value = field(word);
        last = field(bool());
    }

    /** The type of words with a mark. */
    public static <T extends Data> Type<Last<T>> of(Type<T> word) {
        return () -> new Last<>(word);
    }
}
