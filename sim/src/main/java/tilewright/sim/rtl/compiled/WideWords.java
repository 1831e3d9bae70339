package tilewright.sim.rtl.compiled;

import java.util.Arrays;

/**
 * What compiled code calls for values of more than 64 bits, and for memories. {@code v} holds the words of all nets; a value
 * is named by the index of its first word, and the result by {@code to}. Flags are 0 or 1, as bytecode has them.
 */
final class WideWords {
    private WideWords() {}

    // Words

    static long shiftLeft(long x, long count) {
        return count < 0 || count > 63 ? 0 : x << count;
    }

    static long shiftRight(long x, long count) {
        return count < 0 || count > 63 ? 0 : x >>> count;
    }

    static long shiftRightSigned(long x, long count) {
        return count < 0 || count > 63 ? x >> 63 : x >> count;
    }

    static long word(long[] memory, long address) {
        return address >= 0 && address < memory.length ? memory[(int) address] : 0;
    }

    // Values

    static void copy(long[] v, int to, int from, int words) {
        for (int i = 0; i < words; i++) {
            v[to + i] = v[from + i];
        }
    }

    static void clear(long[] v, int to, int words) {
        for (int i = 0; i < words; i++) {
            v[to + i] = 0;
        }
    }

    /** Extends the last word of a value with its sign or with zeros. */
    static void fit(long[] v, int to, int width, int signed) {
        int spare = -width & 63;
        int last = to + (width - 1) / 64;
        v[last] = signed != 0 ? v[last] << spare >> spare : v[last] << spare >>> spare;
    }

    /** A value in more words. */
    static void extend(long[] v, int to, int words, int from, int fromWords, int signed) {
        long sign = signed != 0 ? v[from + fromWords - 1] >> 63 : 0;
        for (int i = 0; i < words; i++) {
            v[to + i] = i < fromWords ? v[from + i] : sign;
        }
    }

    static void extendWord(long[] v, int to, int words, long value, int signed) {
        v[to] = value;
        long sign = signed != 0 ? value >> 63 : 0;
        for (int i = 1; i < words; i++) {
            v[to + i] = sign;
        }
    }

    static void not(long[] v, int to, int from, int words) {
        for (int i = 0; i < words; i++) {
            v[to + i] = ~v[from + i];
        }
    }

    static void and(long[] v, int to, int a, int b, int words) {
        for (int i = 0; i < words; i++) {
            v[to + i] = v[a + i] & v[b + i];
        }
    }

    static void or(long[] v, int to, int a, int b, int words) {
        for (int i = 0; i < words; i++) {
            v[to + i] = v[a + i] | v[b + i];
        }
    }

    static void xor(long[] v, int to, int a, int b, int words) {
        for (int i = 0; i < words; i++) {
            v[to + i] = v[a + i] ^ v[b + i];
        }
    }

    static void add(long[] v, int to, int a, int b, int words) {
        long carry = 0;
        for (int i = 0; i < words; i++) {
            long x = v[a + i];
            long sum = x + v[b + i];
            long carried = sum + carry;
            carry = Long.compareUnsigned(sum, x) < 0 || carry != 0 && carried == 0 ? 1 : 0;
            v[to + i] = carried;
        }
    }

    static void subtract(long[] v, int to, int a, int b, int words) {
        long borrow = 0;
        for (int i = 0; i < words; i++) {
            long x = v[a + i];
            long y = v[b + i];
            long next = Long.compareUnsigned(x, y) < 0 || borrow != 0 && x == y ? 1 : 0;
            v[to + i] = x - y - borrow;
            borrow = next;
        }
    }

    /** The product of values of any numbers of words, cut to {@code words}. */
    static void multiply(long[] v, int to, int words, int a, int aWords, int b, int bWords, int signed) {
        clear(v, to, words);
        for (int i = 0; i < words; i++) {
            long x = extended(v, a, aWords, i, signed);
            long carry = 0;
            for (int j = 0; x != 0 && i + j < words; j++) {
                long y = extended(v, b, bWords, j, signed);
                long low = x * y;
                long high = Math.unsignedMultiplyHigh(x, y);
                long sum = v[to + i + j] + low;
                high += Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
                long carried = sum + carry;
                high += Long.compareUnsigned(carried, carry) < 0 ? 1 : 0;
                v[to + i + j] = carried;
                carry = high;
            }
        }
    }

    private static long extended(long[] v, int from, int words, int index, int signed) {
        if (index < words) {
            return v[from + index];
        }
        return signed != 0 ? v[from + words - 1] >> 63 : 0;
    }

    static void equal(long[] v, int to, int a, int b, int words) {
        v[to] = Arrays.equals(v, a, a + words, v, b, b + words) ? 1 : 0;
    }

    static void less(long[] v, int to, int a, int b, int words, int signed) {
        v[to] = compare(v, a, b, words, signed) < 0 ? 1 : 0;
    }

    private static int compare(long[] v, int a, int b, int words, int signed) {
        for (int i = words - 1; i >= 0; i--) {
            long x = v[a + i];
            long y = v[b + i];
            if (x != y) {
                return signed != 0 && i == words - 1 ? Long.compare(x, y) : Long.compareUnsigned(x, y);
            }
        }
        return 0;
    }

    static void all(long[] v, int to, int from, int width) {
        for (int i = 0; i < width; i++) {
            if ((v[from + i / 64] >>> i & 1) == 0) {
                v[to] = 0;
                return;
            }
        }
        v[to] = 1;
    }

    static void any(long[] v, int to, int from, int words) {
        long bits = 0;
        for (int i = 0; i < words; i++) {
            bits |= v[from + i];
        }
        v[to] = bits != 0 ? 1 : 0;
    }

    static void parity(long[] v, int to, int from, int width) {
        int count = 0;
        for (int i = 0; i < width; i += 64) {
            long word = v[from + i / 64];
            count += Long.bitCount(width - i < 64 ? word << 64 - (width - i) : word);
        }
        v[to] = count & 1;
    }

    /** The value of several words as one that is not negative: as it is, or the greatest where it does not fit. */
    static void clamp(long[] v, int to, int from, int words) {
        long high = 0;
        for (int i = 1; i < words; i++) {
            high |= v[from + i];
        }
        v[to] = high != 0 || v[from] < 0 ? Long.MAX_VALUE : v[from];
    }

    static void wideShiftLeft(long[] v, int to, int from, int words, long count) {
        for (int i = words - 1; i >= 0; i--) {
            v[to + i] = count < 0 || count >= 64L * words ? 0 : at(v, from, words, 64L * i - count, 0);
        }
    }

    static void wideShiftRight(long[] v, int to, int from, int words, long count, int signed) {
        long fill = signed != 0 ? v[from + words - 1] >> 63 : 0;
        for (int i = 0; i < words; i++) {
            v[to + i] = count < 0 || count >= 64L * words ? fill : at(v, from, words, 64L * i + count, fill);
        }
    }

    /** The 64 bits of a value from bit {@code low}; zeros below it, {@code fill} above. */
    private static long at(long[] v, int from, int words, long low, long fill) {
        int index = (int) Math.floorDiv(low, 64L);
        int shift = (int) Math.floorMod(low, 64L);
        long first = index < 0 ? 0 : index < words ? v[from + index] : fill;
        if (shift == 0) {
            return first;
        }
        long second = index + 1 < 0 ? 0 : index + 1 < words ? v[from + index + 1] : fill;
        return first >>> shift | second << 64 - shift;
    }

    /** Bits of a value of {@code fromWords} words, as an unsigned one. */
    static void slice(long[] v, int to, int width, int from, int fromWords, int low) {
        int words = (width + 63) / 64;
        for (int i = 0; i < words; i++) {
            v[to + i] = at(v, from, fromWords, low + 64L * i, 0);
        }
        fit(v, to, width, 0);
    }

    /** Lays a word into bits that are zero. */
    static void put(long[] v, int to, int low, int width, long value) {
        long bits = value << 64 - width >>> 64 - width;
        int shift = low % 64;
        v[to + low / 64] |= bits << shift;
        if (shift + width > 64) {
            v[to + low / 64 + 1] |= bits >>> 64 - shift;
        }
    }

    /** Lays a value into bits that are zero. */
    static void putWide(long[] v, int to, int low, int from, int width) {
        for (int i = 0; i < width; i += 64) {
            put(v, to, low + i, Math.min(64, width - i), v[from + i / 64]);
        }
    }

    // Memories

    static void load(long[] v, int to, int words, long[] memory, long address) {
        boolean inside = address >= 0 && address < memory.length / words;
        for (int i = 0; i < words; i++) {
            v[to + i] = inside ? memory[(int) address * words + i] : 0;
        }
    }

    static void store(long[] v, int from, int words, long[] memory, long address) {
        if (address >= 0 && address < memory.length / words) {
            System.arraycopy(v, from, memory, (int) address * words, words);
        }
    }

    /** Stores the lanes whose bit in a mask is set. */
    static void storeLanes(
            long[] v, int from, int words, long[] memory, long address, int mask, int lanes, int laneWidth) {
        if (address < 0 || address >= memory.length / words) {
            return;
        }
        int base = (int) address * words;
        for (int lane = 0; lane < lanes; lane++) {
            if ((v[mask + lane / 64] >>> lane & 1) != 0) {
                int low = lane * laneWidth;
                int end = low + laneWidth;
                while (low < end) {
                    int shift = low % 64;
                    int count = Math.min(end - low, 64 - shift);
                    long bits = (-1L >>> 64 - count) << shift;
                    int index = low / 64;
                    memory[base + index] = memory[base + index] & ~bits | v[from + index] & bits;
                    low += count;
                }
            }
        }
    }

    // Failure

    static void fail(int assertion) {
        throw new AssertionFailed(assertion);
    }

    /** An assertion of the design that does not hold. */
    static final class AssertionFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int index;

        AssertionFailed(int index) {
            super(null, null, false, false);
            this.index = index;
        }

        int index() {
            return index;
        }
    }
}
