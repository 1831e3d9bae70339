package tilewright.model.tokenizer.regex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/** A set of Unicode code points, answered from a bit map for ASCII and by a rule for the rest. */
public final class CodePointSet {
    /** Unicode's White_Space property, which {@code \s} means. */
    public static final CodePointSet WHITE_SPACE = of(
            0x09, 0x0D, 0x20, 0x20, 0x85, 0x85, 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F,
            0x202F, 0x205F, 0x205F, 0x3000, 0x3000);

    /** What {@code \w} means: letters, marks, decimal digits, connectors, and what else is alphabetic. */
    public static final CodePointSet WORD = new CodePointSet(CodePointSet::isWord);

    /** Every code point. */
    public static final CodePointSet ANY = new CodePointSet(codePoint -> true);

    private static final int WORD_CATEGORIES = 1 << Character.NON_SPACING_MARK
            | 1 << Character.COMBINING_SPACING_MARK
            | 1 << Character.ENCLOSING_MARK
            | 1 << Character.DECIMAL_DIGIT_NUMBER
            | 1 << Character.CONNECTOR_PUNCTUATION;

    private final long below64;
    private final long below128;
    private final IntPredicate rule;

    private CodePointSet(IntPredicate rule) {
        this.rule = rule;
        this.below64 = bits(0);
        this.below128 = bits(64);
    }

    /** The set of the code points for which {@code rule} holds; the rule must be pure. */
    public static CodePointSet where(IntPredicate rule) {
        return new CodePointSet(rule);
    }

    /** The set of some ranges: first, last, first, last and so on, both inclusive. */
    public static CodePointSet of(int... firstAndLast) {
        int[] ranges = firstAndLast.clone();
        return new CodePointSet(codePoint -> isInside(ranges, codePoint));
    }

    /** The set of the code points whose general category is in a mask: bit {@code Character.getType(codePoint)}. */
    public static CodePointSet ofCategories(int mask) {
        return new CodePointSet(codePoint -> (mask >>> Character.getType(codePoint) & 1) != 0);
    }

    /** Whether a code point is in the set. */
    public boolean contains(int codePoint) {
        if (codePoint < 64) {
            return (below64 >>> codePoint & 1) != 0;
        }
        return codePoint < 128 ? (below128 >>> codePoint & 1) != 0 : rule.test(codePoint);
    }

    /** The code points that are in this set or in the other. */
    public CodePointSet or(CodePointSet other) {
        return new CodePointSet(codePoint -> contains(codePoint) || other.contains(codePoint));
    }

    /** The code points that are in this set and in the other. */
    public CodePointSet and(CodePointSet other) {
        return new CodePointSet(codePoint -> contains(codePoint) && other.contains(codePoint));
    }

    /** The code points that are not in this set. */
    public CodePointSet not() {
        return new CodePointSet(codePoint -> !contains(codePoint));
    }

    /** This set and every code point that differs from one of its members in case only. */
    public CodePointSet ignoringCase() {
        return new CodePointSet(codePoint -> contains(codePoint)
                || contains(Character.toLowerCase(codePoint))
                || contains(Character.toUpperCase(codePoint))
                || contains(Character.toLowerCase(Character.toUpperCase(codePoint))));
    }

    /** Bit {@code c} of two words for each ASCII character {@code c} in the set. */
    long[] asciiBits() {
        return new long[] {below64, below128};
    }

    /** Collects the parts of a bracket expression, so that its test is one look at the category and one at ranges. */
    static final class Builder {
        private int categories;
        private final List<int[]> ranges = new ArrayList<>();
        private final List<CodePointSet> others = new ArrayList<>();

        void addRange(int first, int last) {
            ranges.add(new int[] {first, last});
        }

        void addCategories(int mask) {
            categories |= mask;
        }

        void addSet(CodePointSet set) {
            others.add(set);
        }

        CodePointSet build() {
            int mask = categories;
            int[] flat = ranges.stream().flatMapToInt(Arrays::stream).toArray();
            CodePointSet[] sets = others.toArray(new CodePointSet[0]);
            return new CodePointSet(codePoint -> {
                if ((mask >>> Character.getType(codePoint) & 1) != 0 || isInside(flat, codePoint)) {
                    return true;
                }
                for (CodePointSet set : sets) {
                    if (set.contains(codePoint)) {
                        return true;
                    }
                }
                return false;
            });
        }
    }

    private long bits(int from) {
        long bits = 0;
        for (int i = 0; i < 64; i++) {
            if (rule.test(from + i)) {
                bits |= 1L << i;
            }
        }
        return bits;
    }

    private static boolean isInside(int[] ranges, int codePoint) {
        for (int i = 0; i < ranges.length; i += 2) {
            if (codePoint >= ranges[i] && codePoint <= ranges[i + 1]) {
                return true;
            }
        }
        return false;
    }

    private static boolean isWord(int codePoint) {
        return (WORD_CATEGORIES >>> Character.getType(codePoint) & 1) != 0 || Character.isAlphabetic(codePoint);
    }
}
