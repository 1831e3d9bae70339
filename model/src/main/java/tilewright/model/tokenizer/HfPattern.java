package tilewright.model.tokenizer;

import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import tilewright.model.InvalidInputException;
import tilewright.model.tokenizer.regex.Regex;
import tilewright.model.tokenizer.regex.RegexMatcher;
import tilewright.model.tokenizer.regex.RegexSyntaxException;

/** What a {@code tokenizer.json} looks for in text: a string, a regular expression, or characters of some class. */
interface HfPattern {
    int MAX_CHARACTERS = 1 << 29;

    /** Takes stretches of a text from left to right, those that match and those between. */
    interface Stretches {
        void stretch(int from, int to, boolean matches);
    }

    /** Goes through a text. */
    void find(String text, Stretches stretches);

    /** The pattern of {@code {"String": ...}} or {@code {"Regex": ...}}. */
    static HfPattern of(JsonValue json) {
        if (json.isText()) {
            return literal(json.text());
        }
        if (json.get("String").isPresent()) {
            return literal(json.get("String").text());
        }
        JsonValue regex = json.get("Regex");
        if (!regex.isPresent()) {
            throw json.unexpected("an object with 'String' or 'Regex'");
        }
        try {
            return regex(Regex.compile(regex.text()));
        } catch (RegexSyntaxException e) {
            throw regex.failure("is not supported: " + e.getMessage());
        }
    }

    /** A string, found as it is; an empty one is nowhere. */
    static HfPattern literal(String string) {
        return (text, stretches) -> {
            int last = 0;
            int at = string.isEmpty() ? -1 : text.indexOf(string);
            while (at >= 0) {
                if (at > last) {
                    stretches.stretch(last, at, false);
                }
                last = at + string.length();
                stretches.stretch(at, last, true);
                at = text.indexOf(string, last);
            }
            if (last < text.length()) {
                stretches.stretch(last, text.length(), false);
            }
        };
    }

    /** A regular expression. */
    static HfPattern regex(Regex regex) {
        return (text, stretches) -> {
            int last = 0;
            RegexMatcher matcher = regex.matcher(text);
            while (matcher.find()) {
                if (matcher.start() > last) {
                    stretches.stretch(last, matcher.start(), false);
                }
                stretches.stretch(matcher.start(), matcher.end(), true);
                last = matcher.end();
            }
            if (last < text.length()) {
                stretches.stretch(last, text.length(), false);
            }
        };
    }

    /** Each character of a class by itself. */
    static HfPattern characters(IntPredicate isMatch) {
        return (text, stretches) -> {
            int last = 0;
            for (int i = 0; i < text.length(); ) {
                int codePoint = text.codePointAt(i);
                int end = i + Character.charCount(codePoint);
                if (isMatch.test(codePoint)) {
                    if (last < i) {
                        stretches.stretch(last, i, false);
                    }
                    stretches.stretch(i, end, true);
                    last = end;
                }
                i = end;
            }
            if (last < text.length()) {
                stretches.stretch(last, text.length(), false);
            }
        };
    }

    /** The same with what matches and what does not exchanged. */
    default HfPattern inverted() {
        return (text, stretches) -> find(text, (from, to, matches) -> stretches.stretch(from, to, !matches));
    }

    /** The function that puts {@code content} in the place of every match. */
    default UnaryOperator<String> replacement(String content) {
        return text -> {
            StringBuilder out = new StringBuilder(text.length() + 16);
            find(text, (from, to, matches) -> {
                if (matches) {
                    out.append(content);
                    if (out.length() > MAX_CHARACTERS) {
                        throw new InvalidInputException("a replacement of the tokenizer makes more than "
                                + MAX_CHARACTERS + " characters of " + text.length() + "; split the text");
                    }
                } else {
                    out.append(text, from, to);
                }
            });
            return out.toString();
        };
    }
}
