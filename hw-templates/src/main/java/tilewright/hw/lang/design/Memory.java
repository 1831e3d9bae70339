package tilewright.hw.lang.design;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * An array of words. Reads see what was stored before the clock's edge (read first); an address at or past
 * {@code depth} writes nothing and reads zero.
 *
 * @param id its index in {@link Module#memories()}
 * @param width bits of a word, unsigned
 * @param contents the words at power-up, {@code depth} of them; empty: zero
 * @param writes in order: where two write one address at one edge, the later wins
 * @param reads the synchronous reads; asynchronous ones are {@link Expression.Lookup}
 */
public record Memory(
        int id,
        String name,
        int width,
        int depth,
        List<BigInteger> contents,
        List<WritePort> writes,
        List<ReadPort> reads,
        SourceLocation location) {
    /**
     * A write: at the clock's edge, where {@code enable} holds.
     *
     * @param data unsigned, of the memory's width
     * @param mask one bit per lane of {@code width / mask.width()} bits, lane 0 lowest; empty: all lanes. With a
     *     mask, data and mask are a {@link Expression.Ref} or a constant
     */
    public record WritePort(
            Clock clock,
            Expression enable,
            Expression address,
            Expression data,
            Optional<Expression> mask,
            SourceLocation location) {}

    /** A synchronous read: at the clock's edge, where {@code enable} holds, {@code data} takes the word; else it holds. */
    public record ReadPort(Net data, Clock clock, Expression enable, Expression address, SourceLocation location) {}
}
