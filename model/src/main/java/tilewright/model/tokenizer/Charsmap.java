package tilewright.model.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * SentencePiece's compiled normalisation: which byte sequences are replaced by which.
 *
 * <p>The data: the byte length of a double array (32 bits, little-endian), the array (a trie of 32-bit units as in
 * Darts-clone), and behind it the replacements, each ended by a zero byte.
 */
final class Charsmap {
    private final int[] units;
    private final byte[] replacements;

    private Charsmap(int[] units, byte[] replacements) {
        this.units = units;
        this.replacements = replacements;
    }

    /**
     * Reads the data.
     *
     * @throws IllegalArgumentException with the reason if it is damaged
     */
    static Charsmap of(byte[] data) {
        if (data.length < 4) {
            throw new IllegalArgumentException("of " + data.length + " bytes has no length, expected at least 4 bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        long trieBytes = Integer.toUnsignedLong(buffer.getInt());
        if (trieBytes % 4 != 0 || trieBytes == 0 || trieBytes > data.length - 4) {
            throw new IllegalArgumentException("says that its trie has " + trieBytes
                    + " bytes, expected a multiple of 4 within the " + (data.length - 4) + " that follow");
        }
        int[] units = new int[(int) (trieBytes / 4)];
        for (int i = 0; i < units.length; i++) {
            units[i] = buffer.getInt();
        }
        byte[] replacements = new byte[buffer.remaining()];
        buffer.get(replacements);
        return new Charsmap(units, replacements);
    }

    /** What was found at a position: how many bytes of the text it takes, and where its replacement begins. */
    record Match(int bytes, int replacement) {}

    /** The longest, or the shortest, entry that begins at a position of a text in UTF-8; null if none does. */
    Match find(byte[] utf8, int from, int to, boolean longest) {
        Match found = null;
        int node = offset(units[0]);
        for (int i = from; i < to && utf8[i] != 0; i++) {
            node ^= utf8[i] & 0xFF;
            if (node < 0 || node >= units.length) {
                break;
            }
            int unit = units[node];
            if ((unit & 0x800000FF) != (utf8[i] & 0xFF)) {
                break;
            }
            node ^= offset(unit);
            if (node < 0 || node >= units.length) {
                break;
            }
            if ((unit >>> 8 & 1) != 0) {
                found = new Match(i - from + 1, units[node] & 0x7FFFFFFF);
                if (!longest) {
                    break;
                }
            }
        }
        return found;
    }

    /** The text of a replacement. */
    String replacement(Match match) {
        int end = Math.min(match.replacement(), replacements.length);
        int start = end;
        while (end < replacements.length && replacements[end] != 0) {
            end++;
        }
        return new String(replacements, start, end - start, StandardCharsets.UTF_8);
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }
}
