package tilewright.edge.store;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.zip.CRC32C;

/**
 * CRC32C of a run of bytes from those of its pieces, which come in any order; safe for use by several threads.
 *
 * <p>The checksum of two pieces follows from theirs and the second one's length: appending a zero bit multiplies the polynomial
 * that a checksum stands for by x, modulo the generator (RFC 3720, appendix B.4).
 */
final class PieceChecksums {
    /** The generator without its highest term, the coefficient of x^31 in bit 0. */
    private static final int GENERATOR = 0x82F63B78;

    private record Piece(long bytes, int checksum) {}

    private final MemorySegment memory;
    private final Map<Long, Piece> pieces = new ConcurrentSkipListMap<>();

    /** Nothing of some memory. */
    PieceChecksums(MemorySegment memory) {
        this.memory = memory;
    }

    /** Takes in some of the memory, which does not change any more. */
    void add(long from, long bytes) {
        if (bytes > 0) {
            pieces.put(from, new Piece(bytes, checksum(from, bytes)));
        }
    }

    private int checksum(long from, long bytes) {
        CRC32C sum = new CRC32C();
        sum.update(memory.asSlice(from, bytes).asByteBuffer());
        return (int) sum.getValue();
    }

    /** The checksum of the memory between two places; what was not taken in is read now. */
    int between(long from, long to) {
        int sum = 0;
        long at = from;
        for (Map.Entry<Long, Piece> each : pieces.entrySet()) {
            long start = each.getKey();
            Piece piece = each.getValue();
            if (start >= at && start + piece.bytes() <= to) {
                if (start > at) {
                    sum = joined(sum, checksum(at, start - at), start - at);
                }
                sum = joined(sum, piece.checksum(), piece.bytes());
                at = start + piece.bytes();
            }
        }
        return at == to ? sum : joined(sum, checksum(at, to - at), to - at);
    }

    /** The checksum of two runs of bytes, one after the other. */
    static int joined(int first, int second, long secondBytes) {
        int power = 1 << 31;
        int square = 1 << 30;
        for (long bits = Math.multiplyExact(secondBytes, 8); bits > 0; bits >>= 1) {
            if ((bits & 1) != 0) {
                power = product(power, square);
            }
            square = product(square, square);
        }
        return product(first, power) ^ second;
    }

    /** The product of two polynomials modulo the generator; the coefficient of x^i in bit 31 - i. */
    private static int product(int a, int b) {
        int product = 0;
        int term = b;
        for (int left = a; left != 0; left <<= 1) {
            product ^= left < 0 ? term : 0;
            term = (term & 1) != 0 ? term >>> 1 ^ GENERATOR : term >>> 1;
        }
        return product;
    }
}
