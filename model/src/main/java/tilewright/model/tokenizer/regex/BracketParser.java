package tilewright.model.tokenizer.regex;

import java.util.Locale;

/** Reads one bracket expression: ranges, classes, nested brackets, intersections. */
final class BracketParser {
    private static final int MAX_NESTING = 16;

    private final int[] pattern;
    private final boolean ignoreCase;
    private int at;
    private int nesting;

    /** @param at where the opening bracket is */
    BracketParser(int[] pattern, int at, boolean ignoreCase) {
        this.pattern = pattern;
        this.at = at;
        this.ignoreCase = ignoreCase;
    }

    /** Behind the closing bracket, after parsing. */
    int position() {
        return at;
    }

    CodePointSet parse() {
        if (++nesting > MAX_NESTING) {
            throw failure("brackets nested deeper than " + MAX_NESTING);
        }
        at++;
        boolean negative = take('^');
        CodePointSet intersection = null;
        CodePointSet.Builder union = new CodePointSet.Builder();
        boolean first = true;
        while (true) {
            if (at >= pattern.length) {
                throw failure("missing ']'");
            }
            int c = pattern[at];
            if (c == ']' && !first) {
                at++;
                break;
            }
            first = false;
            if (c == '&' && at + 1 < pattern.length && pattern[at + 1] == '&') {
                at += 2;
                intersection = intersection == null ? union.build() : intersection.and(union.build());
                union = new CodePointSet.Builder();
            } else if (c == '[') {
                if (at + 1 < pattern.length && pattern[at + 1] == ':' && addPosix(union)) {
                    continue;
                }
                union.addSet(parse());
            } else {
                addItem(union);
            }
        }
        nesting--;
        CodePointSet set = intersection == null ? union.build() : intersection.and(union.build());
        set = ignoreCase ? set.ignoringCase() : set;
        return negative ? set.not() : set;
    }

    /** A class, a character or a range. */
    private void addItem(CodePointSet.Builder union) {
        int first = pattern[at];
        if (first == '\\') {
            EscapeParser escape = new EscapeParser(pattern, at, true);
            CodePointSet set = escape.parse();
            at = escape.position();
            if (escape.categories() != 0) {
                union.addCategories(escape.categories());
                return;
            }
            first = escape.character();
            if (first < 0) {
                union.addSet(set);
                return;
            }
        } else {
            at++;
        }
        int last = first;
        if (at + 1 < pattern.length && pattern[at] == '-' && pattern[at + 1] != ']') {
            int dash = at;
            at++;
            last = pattern[at];
            if (last == '\\') {
                EscapeParser escape = new EscapeParser(pattern, at, true);
                escape.parse();
                last = escape.character();
                at = escape.position();
            } else if (last == '[') {
                last = -1;
            } else {
                at++;
            }
            if (last < 0) {
                at = dash;
                last = first;
            } else if (last < first) {
                throw failure("range runs backwards");
            }
        }
        union.addRange(first, last);
    }

    /** Reads [:name:]; false, and nothing is read, if it is not one. */
    private boolean addPosix(CodePointSet.Builder union) {
        int end = at + 2;
        while (end < pattern.length && (Character.isLetter(pattern[end]) || pattern[end] == '^')) {
            end++;
        }
        if (end + 1 >= pattern.length || pattern[end] != ':' || pattern[end + 1] != ']') {
            return false;
        }
        String name = new String(pattern, at + 2, end - at - 2).toLowerCase(Locale.ROOT);
        boolean negative = name.startsWith("^");
        CodePointSet set = Properties.named(negative ? name.substring(1) : name);
        if (set == null) {
            throw failure("unknown class [:" + name + ":]");
        }
        union.addSet(negative ? set.not() : set);
        at = end + 2;
        return true;
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
