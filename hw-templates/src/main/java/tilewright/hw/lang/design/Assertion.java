package tilewright.hw.lang.design;

/**
 * What must hold at every rising edge of a clock outside reset, judged by the values just before the edge.
 *
 * @param condition one bit, unsigned
 * @param message said when it does not hold
 */
public record Assertion(Clock clock, Expression condition, String message, SourceLocation location) {}
