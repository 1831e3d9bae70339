package tilewright.model.tokenizer;

import java.text.Normalizer;

/** BERT's treatment of text before it is cut into word pieces (Devlin et al. 2018, the published BasicTokenizer). */
final class BertText {
    private static final int OTHER = 1 << Character.CONTROL
            | 1 << Character.FORMAT
            | 1 << Character.PRIVATE_USE
            | 1 << Character.UNASSIGNED
            | 1 << Character.SURROGATE;

    private BertText() {}

    /**
     * Normalises a text.
     *
     * @param clean drops control characters and makes every white space a space
     * @param splitHan puts spaces around Chinese characters
     * @param stripAccents drops accents
     * @param lowercase turns letters into small ones
     */
    static String normalize(String text, boolean clean, boolean splitHan, boolean stripAccents, boolean lowercase) {
        String result = clean ? clean(text) : text;
        result = splitHan ? splitHan(result) : result;
        result = stripAccents ? stripAccents(Normalizer.normalize(result, Normalizer.Form.NFD)) : result;
        return lowercase ? lowercase(result) : result;
    }

    private static String clean(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Characters.isWhiteSpace(c) && (c == '\t' || c == '\n' || c == '\r' || !isControl(c))) {
                out.append(' ');
            } else if (c != 0xFFFD && !isControl(c)) {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }

    private static boolean isControl(int c) {
        return (OTHER >>> Character.getType(c) & 1) != 0;
    }

    private static String splitHan(String text) {
        if (text.codePoints().noneMatch(BertText::isHan)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (isHan(c)) {
                out.append(' ').appendCodePoint(c).append(' ');
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }

    /** The blocks of the published code; 0x2B920 is its slip for 0x2B820, which vocabularies were trained with. */
    private static boolean isHan(int c) {
        return c >= 0x3400
                && (c >= 0x4E00 && c <= 0x9FFF
                        || c <= 0x4DBF
                        || c >= 0x20000 && c <= 0x2A6DF
                        || c >= 0x2A700 && c <= 0x2B73F
                        || c >= 0x2B740 && c <= 0x2B81F
                        || c >= 0x2B920 && c <= 0x2CEAF
                        || c >= 0xF900 && c <= 0xFAFF
                        || c >= 0x2F800 && c <= 0x2FA1F);
    }

    /** Without the nonspacing marks. */
    static String stripAccents(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.getType(c) != Character.NON_SPACING_MARK) {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }

    /** Each character by itself in lower case: there is no final sigma. */
    static String lowercase(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == 0x130) {
                out.append("i\u0307");
            } else {
                out.appendCodePoint(Character.toLowerCase(c));
            }
        });
        return out.toString();
    }

    /** Takes words. */
    interface Words {
        void word(String text, int from, int to);
    }

    /** Splits at white space, which is dropped, and around each punctuation character. */
    static void split(String text, Words words) {
        int start = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int end = i + Character.charCount(c);
            boolean space = Characters.isWhiteSpace(c);
            if (space || Characters.isPunctuation(c)) {
                if (start < i) {
                    words.word(text, start, i);
                }
                if (!space) {
                    words.word(text, i, end);
                }
                start = end;
            }
            i = end;
        }
        if (start < text.length()) {
            words.word(text, start, text.length());
        }
    }
}
