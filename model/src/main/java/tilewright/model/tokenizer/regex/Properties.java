package tilewright.model.tokenizer.regex;

import java.util.Locale;
import java.util.Map;

/** Unicode properties by name: general categories, scripts, and the POSIX classes. */
final class Properties {
    private static final int LETTERS = mask(
            Character.UPPERCASE_LETTER,
            Character.LOWERCASE_LETTER,
            Character.TITLECASE_LETTER,
            Character.MODIFIER_LETTER,
            Character.OTHER_LETTER);
    private static final int MARKS =
            mask(Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK);
    private static final int NUMBERS =
            mask(Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER);
    private static final int PUNCTUATION = mask(
            Character.CONNECTOR_PUNCTUATION,
            Character.DASH_PUNCTUATION,
            Character.START_PUNCTUATION,
            Character.END_PUNCTUATION,
            Character.INITIAL_QUOTE_PUNCTUATION,
            Character.FINAL_QUOTE_PUNCTUATION,
            Character.OTHER_PUNCTUATION);
    private static final int SYMBOLS =
            mask(Character.MATH_SYMBOL, Character.CURRENCY_SYMBOL, Character.MODIFIER_SYMBOL, Character.OTHER_SYMBOL);
    private static final int SEPARATORS =
            mask(Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR);
    private static final int OTHERS =
            mask(Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED);

    private static final Map<String, Integer> CATEGORIES = Map.ofEntries(
            Map.entry("l", LETTERS),
            Map.entry("letter", LETTERS),
            Map.entry("lu", mask(Character.UPPERCASE_LETTER)),
            Map.entry("ll", mask(Character.LOWERCASE_LETTER)),
            Map.entry("lt", mask(Character.TITLECASE_LETTER)),
            Map.entry("lc", mask(Character.UPPERCASE_LETTER, Character.LOWERCASE_LETTER, Character.TITLECASE_LETTER)),
            Map.entry("lm", mask(Character.MODIFIER_LETTER)),
            Map.entry("lo", mask(Character.OTHER_LETTER)),
            Map.entry("uppercaseletter", mask(Character.UPPERCASE_LETTER)),
            Map.entry("lowercaseletter", mask(Character.LOWERCASE_LETTER)),
            Map.entry("m", MARKS),
            Map.entry("mark", MARKS),
            Map.entry("mn", mask(Character.NON_SPACING_MARK)),
            Map.entry("mc", mask(Character.COMBINING_SPACING_MARK)),
            Map.entry("me", mask(Character.ENCLOSING_MARK)),
            Map.entry("n", NUMBERS),
            Map.entry("number", NUMBERS),
            Map.entry("nd", mask(Character.DECIMAL_DIGIT_NUMBER)),
            Map.entry("nl", mask(Character.LETTER_NUMBER)),
            Map.entry("no", mask(Character.OTHER_NUMBER)),
            Map.entry("p", PUNCTUATION),
            Map.entry("punctuation", PUNCTUATION),
            Map.entry("pc", mask(Character.CONNECTOR_PUNCTUATION)),
            Map.entry("pd", mask(Character.DASH_PUNCTUATION)),
            Map.entry("ps", mask(Character.START_PUNCTUATION)),
            Map.entry("pe", mask(Character.END_PUNCTUATION)),
            Map.entry("pi", mask(Character.INITIAL_QUOTE_PUNCTUATION)),
            Map.entry("pf", mask(Character.FINAL_QUOTE_PUNCTUATION)),
            Map.entry("po", mask(Character.OTHER_PUNCTUATION)),
            Map.entry("s", SYMBOLS),
            Map.entry("symbol", SYMBOLS),
            Map.entry("sm", mask(Character.MATH_SYMBOL)),
            Map.entry("sc", mask(Character.CURRENCY_SYMBOL)),
            Map.entry("sk", mask(Character.MODIFIER_SYMBOL)),
            Map.entry("so", mask(Character.OTHER_SYMBOL)),
            Map.entry("z", SEPARATORS),
            Map.entry("separator", SEPARATORS),
            Map.entry("zs", mask(Character.SPACE_SEPARATOR)),
            Map.entry("zl", mask(Character.LINE_SEPARATOR)),
            Map.entry("zp", mask(Character.PARAGRAPH_SEPARATOR)),
            Map.entry("c", OTHERS),
            Map.entry("other", OTHERS),
            Map.entry("cc", mask(Character.CONTROL)),
            Map.entry("cf", mask(Character.FORMAT)),
            Map.entry("cn", mask(Character.UNASSIGNED)),
            Map.entry("co", mask(Character.PRIVATE_USE)),
            Map.entry("cs", mask(Character.SURROGATE)));

    private Properties() {}

    /** The mask of a general category by its short or long name; 0 if there is none of that name. */
    static int categories(String name) {
        return CATEGORIES.getOrDefault(plain(name), 0);
    }

    /** The set of a POSIX class, a binary property or a script; null if there is none of that name. */
    static CodePointSet named(String name) {
        String plain = plain(name);
        int category = categories(plain);
        if (category != 0) {
            return CodePointSet.ofCategories(category);
        }
        return switch (plain) {
            case "any" -> CodePointSet.ANY;
            case "ascii" -> CodePointSet.of(0, 0x7F);
            case "alpha", "alphabetic" -> CodePointSet.where(Character::isAlphabetic);
            case "digit" -> CodePointSet.ofCategories(mask(Character.DECIMAL_DIGIT_NUMBER));
            case "alnum" ->
                CodePointSet.where(Character::isAlphabetic)
                        .or(CodePointSet.ofCategories(mask(Character.DECIMAL_DIGIT_NUMBER)));
            case "upper", "uppercase" -> CodePointSet.where(Character::isUpperCase);
            case "lower", "lowercase" -> CodePointSet.where(Character::isLowerCase);
            case "space", "whitespace" -> CodePointSet.WHITE_SPACE;
            case "word" -> CodePointSet.WORD;
            case "cntrl" -> CodePointSet.ofCategories(OTHERS);
            case "blank" ->
                CodePointSet.ofCategories(mask(Character.SPACE_SEPARATOR)).or(CodePointSet.of('\t', '\t'));
            case "xdigit" -> CodePointSet.of('0', '9', 'a', 'f', 'A', 'F');
            case "punct" ->
                CodePointSet.ofCategories(PUNCTUATION)
                        .or(CodePointSet.of('$', '$', '+', '+', '<', '>', '^', '^', '`', '`', '|', '|', '~', '~'));
            case "graph" ->
                CodePointSet.ofCategories(LETTERS | MARKS | NUMBERS | PUNCTUATION | SYMBOLS | mask(Character.FORMAT));
            case "print" ->
                CodePointSet.ofCategories(
                        LETTERS | MARKS | NUMBERS | PUNCTUATION | SYMBOLS | SEPARATORS | mask(Character.FORMAT));
            case "ideographic" -> CodePointSet.where(Character::isIdeographic);
            case "emoji" -> CodePointSet.where(Character::isEmoji);
            default -> script(name);
        };
    }

    private static CodePointSet script(String name) {
        String known = name.replaceFirst("(?i)^(script=|sc=|is)", "").replace(' ', '_');
        try {
            Character.UnicodeScript script = Character.UnicodeScript.forName(known);
            return CodePointSet.where(codePoint -> Character.UnicodeScript.of(codePoint) == script);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[ _-]", "");
    }

    private static int mask(byte... types) {
        int mask = 0;
        for (byte type : types) {
            mask |= 1 << type;
        }
        return mask;
    }
}
