package tilewright.model.tokenizer.regex;

import java.util.ArrayList;
import java.util.List;
import tilewright.model.tokenizer.regex.RegexNode.Mode;
import tilewright.model.tokenizer.regex.RegexNode.Place;

/** Reads a pattern in Oniguruma's syntax; what it cannot do (back references, recursion) it refuses by name. */
final class RegexParser {
    private static final int MAX_NESTING = 64;
    private static final int MAX_COUNT = 100_000;

    private final int[] pattern;
    private int at;
    private int nesting;
    private boolean ignoreCase;
    private boolean dotAll;
    private boolean extended;

    private RegexParser(String pattern) {
        this.pattern = pattern.codePoints().toArray();
    }

    static RegexNode parse(String pattern) {
        RegexParser parser = new RegexParser(pattern);
        RegexNode node = parser.choice();
        if (parser.at < parser.pattern.length) {
            throw parser.failure("unmatched ')'");
        }
        return node;
    }

    private RegexNode choice() {
        if (++nesting > MAX_NESTING) {
            throw failure("groups nested deeper than " + MAX_NESTING);
        }
        List<RegexNode> branches = new ArrayList<>();
        branches.add(sequence());
        while (take('|')) {
            branches.add(sequence());
        }
        nesting--;
        return branches.size() == 1 ? branches.getFirst() : new RegexNode.Choice(branches);
    }

    private RegexNode sequence() {
        List<RegexNode> parts = new ArrayList<>();
        while (at < pattern.length && pattern[at] != '|' && pattern[at] != ')') {
            if (extended && skipsExtended()) {
                continue;
            }
            RegexNode part = atom();
            if (part != null) {
                parts.add(quantified(part));
            }
        }
        return parts.size() == 1 ? parts.getFirst() : new RegexNode.Sequence(parts);
    }

    private boolean skipsExtended() {
        if (CodePointSet.WHITE_SPACE.contains(pattern[at])) {
            at++;
            return true;
        }
        if (pattern[at] == '#') {
            while (at < pattern.length && pattern[at] != '\n') {
                at++;
            }
            return true;
        }
        return false;
    }

    private RegexNode quantified(RegexNode atom) {
        RegexNode node = atom;
        while (at < pattern.length) {
            int least;
            int most;
            boolean interval = false;
            switch (pattern[at]) {
                case '*' -> {
                    least = 0;
                    most = RegexNode.UNLIMITED;
                    at++;
                }
                case '+' -> {
                    least = 1;
                    most = RegexNode.UNLIMITED;
                    at++;
                }
                case '?' -> {
                    least = 0;
                    most = 1;
                    at++;
                }
                case '{' -> {
                    int[] counts = interval();
                    if (counts == null) {
                        return node;
                    }
                    least = counts[0];
                    most = counts[1];
                    interval = true;
                }
                default -> {
                    return node;
                }
            }
            Mode mode = Mode.GREEDY;
            if (take('?')) {
                mode = Mode.LAZY;
            } else if (!interval && take('+')) {
                mode = Mode.POSSESSIVE;
            }
            node = new RegexNode.Repeat(node, least, most, mode);
        }
        return node;
    }

    /** Reads {n}, {n,}, {,m} or {n,m}; null, and nothing is read, if the brace is meant literally. */
    private int[] interval() {
        int end = at + 1;
        while (end < pattern.length && (pattern[end] >= '0' && pattern[end] <= '9' || pattern[end] == ',')) {
            end++;
        }
        String text = new String(pattern, at + 1, end - at - 1);
        if (end == pattern.length || pattern[end] != '}' || !text.matches("\\d{1,6}(,\\d{0,6})?|,\\d{1,6}")) {
            return null;
        }
        int comma = text.indexOf(',');
        int least = comma == 0 ? 0 : Integer.parseInt(comma < 0 ? text : text.substring(0, comma));
        int most = comma < 0
                ? least
                : comma == text.length() - 1 ? RegexNode.UNLIMITED : Integer.parseInt(text.substring(comma + 1));
        if (least > MAX_COUNT || most > MAX_COUNT || most >= 0 && most < least) {
            throw failure("repetition {" + text + "} is out of range");
        }
        at = end + 1;
        return new int[] {least, most};
    }

    private RegexNode atom() {
        int c = pattern[at++];
        return switch (c) {
            case '(' -> group();
            case '[' -> one(new BracketParser(pattern, at - 1, ignoreCase));
            case '.' ->
                new RegexNode.OneOf(
                        dotAll ? CodePointSet.ANY : CodePointSet.of('\n', '\n').not());
            case '^' -> new RegexNode.At(Place.LINE_BEGIN);
            case '$' -> new RegexNode.At(Place.LINE_END);
            case '\\' -> escape();
            case '*', '+', '?' -> throw failure("nothing to repeat");
            default -> literal(c);
        };
    }

    private RegexNode one(BracketParser brackets) {
        CodePointSet set = brackets.parse();
        at = brackets.position();
        return new RegexNode.OneOf(set);
    }

    private RegexNode literal(int c) {
        CodePointSet set = CodePointSet.of(c, c);
        return new RegexNode.OneOf(ignoreCase ? set.ignoringCase() : set);
    }

    private RegexNode escape() {
        if (at == pattern.length) {
            throw failure("pattern ends with a backslash");
        }
        Place place = switch (pattern[at]) {
            case 'b' -> Place.WORD_BOUNDARY;
            case 'B' -> Place.NO_WORD_BOUNDARY;
            case 'A' -> Place.TEXT_BEGIN;
            case 'z' -> Place.TEXT_END;
            case 'Z' -> Place.TEXT_END_OR_LAST_NEWLINE;
            default -> null;
        };
        if (place != null) {
            at++;
            return new RegexNode.At(place);
        }
        if (pattern[at] >= '1' && pattern[at] <= '9' || pattern[at] == 'k' || pattern[at] == 'g') {
            throw failure("back references are not supported");
        }
        EscapeParser escape = new EscapeParser(pattern, at - 1);
        CodePointSet set = escape.parse();
        at = escape.position();
        return new RegexNode.OneOf(ignoreCase ? set.ignoringCase() : set);
    }

    private RegexNode group() {
        boolean outerCase = ignoreCase;
        boolean outerDot = dotAll;
        boolean outerExtended = extended;
        RegexNode node;
        if (!take('?')) {
            node = choice();
        } else if (take(':')) {
            node = choice();
        } else if (take('=')) {
            node = new RegexNode.Look(choice(), true, false);
        } else if (take('!')) {
            node = new RegexNode.Look(choice(), true, true);
        } else if (take('>')) {
            node = new RegexNode.Atomic(choice());
        } else if (take('#')) {
            while (at < pattern.length && pattern[at] != ')') {
                at++;
            }
            node = null;
        } else if (take('<')) {
            node = behindOrNamed();
        } else {
            flags();
            if (take(')')) {
                RegexNode rest = choice();
                restore(outerCase, outerDot, outerExtended);
                return rest;
            }
            if (!take(':')) {
                throw failure("group (?" + (at < pattern.length ? Character.toString(pattern[at]) : "")
                        + " is not supported");
            }
            node = choice();
        }
        if (!take(')')) {
            throw failure("missing ')'");
        }
        restore(outerCase, outerDot, outerExtended);
        return node;
    }

    private RegexNode behindOrNamed() {
        if (take('=')) {
            return behind(false);
        }
        if (take('!')) {
            return behind(true);
        }
        while (at < pattern.length && pattern[at] != '>') {
            at++;
        }
        if (!take('>')) {
            throw failure("group name without '>'");
        }
        return choice();
    }

    private RegexNode behind(boolean negative) {
        RegexNode part = choice();
        boolean fixed = part instanceof RegexNode.Choice choice
                ? choice.branches().stream().allMatch(branch -> branch.fixedLength() >= 0)
                : part.fixedLength() >= 0;
        if (!fixed) {
            throw failure("look-behind of no fixed length is not supported");
        }
        return new RegexNode.Look(part, false, negative);
    }

    private void restore(boolean outerCase, boolean outerDot, boolean outerExtended) {
        ignoreCase = outerCase;
        dotAll = outerDot;
        extended = outerExtended;
    }

    private void flags() {
        boolean value = true;
        while (at < pattern.length) {
            switch (pattern[at]) {
                case '-' -> value = false;
                case 'i' -> ignoreCase = value;
                case 'm', 's' -> dotAll = value;
                case 'x' -> extended = value;
                case 'u' -> {}
                default -> {
                    return;
                }
            }
            at++;
        }
    }

    private boolean take(int c) {
        if (at < pattern.length && pattern[at] == c) {
            at++;
            return true;
        }
        return false;
    }

    private RegexSyntaxException failure(String problem) {
        return new RegexSyntaxException(problem, at);
    }
}
