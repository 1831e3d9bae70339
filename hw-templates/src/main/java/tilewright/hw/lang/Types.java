package tilewright.hw.lang;

/** The words for types; {@link Component} and {@link Bundle} inherit them, other code imports them from {@link Hdl}. */
public abstract class Types {
    /** Words only; there is nothing to construct. */
    protected Types() {}

    /** One bit, true or false. */
    public static Type<Bool> bool() {
        return Bool::new;
    }

    /** Bits without a number's meaning. */
    public static Type<Bits> bits(int width) {
        return () -> new Bits(width);
    }

    /** Natural numbers below {@code 2^width}. */
    public static Type<UInt> uint(int width) {
        return () -> new UInt(width);
    }

    /** Integers in two's complement. */
    public static Type<SInt> sint(int width) {
        return () -> new SInt(width);
    }

    /** Signed numbers of {@code width} bits, {@code fraction} of which are right of the binary point. */
    public static Type<Fix> fix(int width, int fraction) {
        return () -> new Fix(width, fraction);
    }

    /** The values of a Java enumeration. */
    public static <E extends Enum<E>> Type<Enumerated<E>> enumOf(Class<E> type) {
        return () -> new Enumerated<>(type);
    }

    /** {@code size} values of one type. */
    public static <T extends Data> Type<Vec<T>> vec(int size, Type<T> element) {
        return () -> Vec.tabulate(size, _ -> Hdl.make(element));
    }
}
