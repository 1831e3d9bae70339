package tilewright.model.tokenizer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Bytes to text, with U+FFFD for each longest sequence that could have begun a character but did not go on (the
 * practice that the Unicode standard recommends, chapter 3.9; the JDK differs from it on surrogates).
 */
final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';

    private Utf8() {}

    static String decode(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return decodeLossily(bytes);
        }
    }

    private static String decodeLossily(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        int at = 0;
        while (at < bytes.length) {
            int lead = bytes[at++] & 0xFF;
            if (lead < 0x80) {
                text.append((char) lead);
                continue;
            }
            int more = lead >= 0xC2 && lead < 0xE0
                    ? 1
                    : lead >= 0xE0 && lead < 0xF0 ? 2 : lead >= 0xF0 && lead < 0xF5 ? 3 : 0;
            int codePoint = lead & 0x3F >> more;
            int lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
            int highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
            int missing = more;
            while (missing > 0 && at < bytes.length) {
                int next = bytes[at] & 0xFF;
                if (next < lowest || next > highest) {
                    break;
                }
                codePoint = codePoint << 6 | next & 0x3F;
                lowest = 0x80;
                highest = 0xBF;
                missing--;
                at++;
            }
            if (more > 0 && missing == 0) {
                text.appendCodePoint(codePoint);
            } else {
                text.append(REPLACEMENT);
            }
        }
        return text.toString();
    }
}
