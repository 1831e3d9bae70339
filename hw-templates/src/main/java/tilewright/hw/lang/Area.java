package tilewright.hw.lang;

/**
 * Marks an object that is no component but describes hardware of the one it is made in: the signals in its fields are
 * named {@code area_field} after the component's field that holds it.
 */
public interface Area {}
