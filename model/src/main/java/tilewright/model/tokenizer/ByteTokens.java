package tilewright.model.tokenizer;

/** Tokens such as {@code <0x0A>}, which stand for one byte. */
final class ByteTokens {
    private ByteTokens() {}

    /** The spelling of a byte, 0 to 255. */
    static String text(int value) {
        return String.format("<0x%02X>", value);
    }

    /** The byte a token stands for, 0 to 255; -1 if it stands for none. */
    static int value(String token) {
        if (token.length() != 6 || !token.startsWith("<0x") || token.charAt(5) != '>') {
            return -1;
        }
        int high = Character.digit(token.charAt(3), 16);
        int low = Character.digit(token.charAt(4), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }
}
