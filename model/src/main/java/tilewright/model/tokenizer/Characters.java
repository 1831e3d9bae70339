package tilewright.model.tokenizer;

import tilewright.model.tokenizer.regex.CodePointSet;

/** Classes of characters as tokenizers define them. */
final class Characters {
    private static final int PUNCTUATION = 1 << Character.CONNECTOR_PUNCTUATION
            | 1 << Character.DASH_PUNCTUATION
            | 1 << Character.START_PUNCTUATION
            | 1 << Character.END_PUNCTUATION
            | 1 << Character.INITIAL_QUOTE_PUNCTUATION
            | 1 << Character.FINAL_QUOTE_PUNCTUATION
            | 1 << Character.OTHER_PUNCTUATION;
    private static final int NUMBERS =
            1 << Character.DECIMAL_DIGIT_NUMBER | 1 << Character.LETTER_NUMBER | 1 << Character.OTHER_NUMBER;

    private Characters() {}

    /** Unicode's White_Space property. */
    static boolean isWhiteSpace(int codePoint) {
        return CodePointSet.WHITE_SPACE.contains(codePoint);
    }

    /** ASCII punctuation and symbols, and everything in a category of punctuation. */
    static boolean isPunctuation(int codePoint) {
        if (codePoint < 128) {
            return codePoint > ' '
                    && codePoint < 0x7F
                    && !(codePoint >= '0' && codePoint <= '9')
                    && !(codePoint >= 'A' && codePoint <= 'Z')
                    && !(codePoint >= 'a' && codePoint <= 'z');
        }
        return (PUNCTUATION >>> Character.getType(codePoint) & 1) != 0;
    }

    /** Decimal digits, letter numbers and other numbers. */
    static boolean isNumeric(int codePoint) {
        return (NUMBERS >>> Character.getType(codePoint) & 1) != 0;
    }

    /** What a regular expression's {@code \w} takes, with the joiners U+200C and U+200D. */
    static boolean isWord(int codePoint) {
        return CodePointSet.WORD.contains(codePoint) || codePoint == 0x200C || codePoint == 0x200D;
    }

    /** The text with lone surrogates replaced by U+FFFD, as every conversion to UTF-8 would do. */
    static String wellFormed(String text) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else {
                return replaceLone(text, i);
            }
        }
        return text;
    }

    private static String replaceLone(String text, int from) {
        StringBuilder fixed = new StringBuilder(text.length()).append(text, 0, from);
        for (int i = from; i < text.length(); ) {
            int codePoint = text.codePointAt(i);
            boolean lone = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
            fixed.appendCodePoint(lone ? 0xFFFD : codePoint);
            i += Character.charCount(codePoint);
        }
        return fixed.toString();
    }
}
