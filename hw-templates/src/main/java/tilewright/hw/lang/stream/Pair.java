package tilewright.hw.lang.stream;

import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.Type;

/** Two values together. */
public final class Pair<A extends Data, B extends Data> extends Bundle {
    /** The first value. */
    public final A first;
    /** The second value. */
    public final B second;

    private Pair(Type<A> first, Type<B> second) {
        this.first = field(first);
        this.second = field(second);
    }

    /** The type of pairs. */
    public static <A extends Data, B extends Data> Type<Pair<A, B>> of(Type<A> first, Type<B> second) {
        return () -> new Pair<>(first, second);
    }
}
