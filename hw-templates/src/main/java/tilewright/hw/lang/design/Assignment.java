package tilewright.hw.lang.design;

/** A net that is at every moment equal to an expression of its width and signedness. */
public record Assignment(Net target, Expression value) {}
