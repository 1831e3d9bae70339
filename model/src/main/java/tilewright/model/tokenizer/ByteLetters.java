package tilewright.model.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Bytes as visible letters, the alphabet of byte-level vocabularies (GPT-2): printable Latin-1 bytes stand for
 * themselves, the other 68 for U+0100 and on.
 */
final class ByteLetters {
    private static final char[] LETTERS = letters();
    private static final int[] BYTES = bytes();

    private ByteLetters() {}

    /** The UTF-8 bytes of a text as letters. */
    static String encode(String text) {
        int length = text.length();
        int plain = 0;
        while (plain < length && text.charAt(plain) > ' ' && text.charAt(plain) < 0x7F) {
            plain++;
        }
        if (plain == length) {
            return text;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        char[] letters = new char[utf8.length];
        for (int i = 0; i < utf8.length; i++) {
            letters[i] = LETTERS[utf8[i] & 0xFF];
        }
        return new String(letters);
    }

    /** The letter of a byte, 0 to 255. */
    static char letter(int value) {
        return LETTERS[value];
    }

    /**
     * Writes the bytes that letters stand for.
     *
     * @return false if one of the characters is no such letter; then nothing is written
     */
    static boolean decode(String letters, ByteArrayOutputStream out) {
        byte[] bytes = new byte[letters.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = letters.charAt(i);
            if (c >= BYTES.length || BYTES[c] < 0) {
                return false;
            }
            bytes[i] = (byte) BYTES[c];
        }
        out.writeBytes(bytes);
        return true;
    }

    private static char[] letters() {
        char[] letters = new char[256];
        char next = 0x100;
        for (int value = 0; value < 256; value++) {
            boolean visible = value > ' ' && value < 0x7F || value > 0xA0 && value != 0xAD;
            letters[value] = visible ? (char) value : next++;
        }
        return letters;
    }

    private static int[] bytes() {
        int[] bytes = new int[0x144];
        java.util.Arrays.fill(bytes, -1);
        for (int value = 0; value < 256; value++) {
            bytes[LETTERS[value]] = value;
        }
        return bytes;
    }
}
