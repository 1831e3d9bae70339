package tilewright.model.tokenizer.regex;

/** Reads what follows a backslash, where it stands for a character or a class of characters. */
final class EscapeParser {
    private final int[] pattern;
    private final boolean inBrackets;
    private int at;
    private int character = -1;
    private int categories;

    /** @param at where the backslash is */
    EscapeParser(int[] pattern, int at) {
        this(pattern, at, false);
    }

    EscapeParser(int[] pattern, int at, boolean inBrackets) {
        this.pattern = pattern;
        this.at = at;
        this.inBrackets = inBrackets;
    }

    /** Behind the escape, after parsing. */
    int position() {
        return at;
    }

    /** The character it stands for; -1 if it is a class. */
    int character() {
        return character;
    }

    /** The mask of general categories if the class is just that; otherwise 0. */
    int categories() {
        return categories;
    }

    CodePointSet parse() {
        at++;
        if (at >= pattern.length) {
            throw failure("pattern ends with a backslash");
        }
        int c = pattern[at++];
        CodePointSet set = switch (c) {
            case 's' -> CodePointSet.WHITE_SPACE;
            case 'S' -> CodePointSet.WHITE_SPACE.not();
            case 'w' -> CodePointSet.WORD;
            case 'W' -> CodePointSet.WORD.not();
            case 'd' -> CodePointSet.ofCategories(1 << Character.DECIMAL_DIGIT_NUMBER);
            case 'D' ->
                CodePointSet.ofCategories(1 << Character.DECIMAL_DIGIT_NUMBER).not();
            case 'h' -> CodePointSet.of('0', '9', 'a', 'f', 'A', 'F');
            case 'H' -> CodePointSet.of('0', '9', 'a', 'f', 'A', 'F').not();
            case 'p' -> property(false);
            case 'P' -> property(true);
            case 'R', 'X', 'K', 'G', 'O', 'N' ->
                throw failure("escape \\" + Character.toString(c) + " is not supported");
            default -> null;
        };
        if (set != null) {
            return set;
        }
        character = switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'f' -> '\f';
            case 'v' -> 0x0B;
            case 'a' -> 0x07;
            case 'e' -> 0x1B;
            case 'b' -> inBrackets ? 0x08 : c;
            case '0' -> octal();
            case 'x' -> hexadecimal();
            case 'u' -> digits(4, 4);
            default -> c;
        };
        return CodePointSet.of(character, character);
    }

    private CodePointSet property(boolean negative) {
        String name;
        if (at < pattern.length && pattern[at] == '{') {
            int end = at;
            while (end < pattern.length && pattern[end] != '}') {
                end++;
            }
            if (end == pattern.length) {
                throw failure("property without '}'");
            }
            name = new String(pattern, at + 1, end - at - 1);
            at = end + 1;
        } else if (at < pattern.length) {
            name = Character.toString(pattern[at++]);
        } else {
            throw failure("property without a name");
        }
        boolean inverse = name.startsWith("^");
        String plain = inverse ? name.substring(1) : name;
        int mask = Properties.categories(plain);
        CodePointSet set = mask != 0 ? CodePointSet.ofCategories(mask) : Properties.named(plain);
        if (set == null) {
            throw failure("unknown property \\p{" + (name.length() > 40 ? name.substring(0, 40) + "..." : name) + "}");
        }
        if (inverse != negative) {
            return set.not();
        }
        categories = mask;
        return set;
    }

    private int hexadecimal() {
        if (at < pattern.length && pattern[at] == '{') {
            at++;
            int value = digits(1, 8);
            if (at >= pattern.length || pattern[at] != '}') {
                throw failure("\\x{ without '}'");
            }
            at++;
            return value;
        }
        return digits(1, 2);
    }

    private int octal() {
        int value = 0;
        for (int i = 0; i < 2 && at < pattern.length && pattern[at] >= '0' && pattern[at] <= '7'; i++) {
            value = value * 8 + pattern[at++] - '0';
        }
        return value;
    }

    private int digits(int least, int most) {
        long value = 0;
        int count = 0;
        while (count < most && at < pattern.length && Character.digit(pattern[at], 16) >= 0 && pattern[at] < 128) {
            value = value * 16 + Character.digit(pattern[at++], 16);
            count++;
        }
        if (count < least || value > Character.MAX_CODE_POINT) {
            throw failure("bad character number");
        }
        return (int) value;
    }

    private RegexSyntaxException failure(String problem) {
        return new RegexSyntaxException(problem, at);
    }
}
