package tilewright.hw.lang;

/**
 * What kind of value a port, wire, register or memory word holds; makes one such value, not yet bound to hardware.
 *
 * <p>Types are written {@code uint(8)}, {@code vec(4, sint(8))}, or, for a {@link Bundle}, its constructor:
 * {@code Pixel::new}. Each call makes a new value.
 */
@FunctionalInterface
public interface Type<T extends Data> {
    /** A new value of this type. */
    T make();
}
