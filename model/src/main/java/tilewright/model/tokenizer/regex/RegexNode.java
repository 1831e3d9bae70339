package tilewright.model.tokenizer.regex;

import java.util.List;

/** The syntax tree of a pattern. */
sealed interface RegexNode {
    /** One code point of a set. */
    record OneOf(CodePointSet set) implements RegexNode {}

    /** One after the other. */
    record Sequence(List<RegexNode> parts) implements RegexNode {}

    /** The first that leads to a match. */
    record Choice(List<RegexNode> branches) implements RegexNode {}

    /** Several times; {@code most} is {@link #UNLIMITED} or at least {@code least}. */
    record Repeat(RegexNode part, int least, int most, Mode mode) implements RegexNode {}

    /** A condition on what lies ahead or behind. */
    record Look(RegexNode part, boolean ahead, boolean negative) implements RegexNode {}

    /** A part that is not tried again once it matched. */
    record Atomic(RegexNode part) implements RegexNode {}

    /** A condition on a position. */
    record At(Place place) implements RegexNode {}

    /** How eagerly a repetition takes. */
    enum Mode {
        GREEDY,
        LAZY,
        POSSESSIVE
    }

    /** Positions that can be asked for. */
    enum Place {
        TEXT_BEGIN,
        TEXT_END,
        TEXT_END_OR_LAST_NEWLINE,
        LINE_BEGIN,
        LINE_END,
        WORD_BOUNDARY,
        NO_WORD_BOUNDARY
    }

    int UNLIMITED = -1;
    int MAX_FIXED_LENGTH = 10_000;

    /** How many code points every match has, or -1 if that differs. */
    default int fixedLength() {
        return switch (this) {
            case OneOf one -> 1;
            case At at -> 0;
            case Look look -> 0;
            case Atomic atomic -> atomic.part().fixedLength();
            case Sequence sequence -> {
                int length = 0;
                for (RegexNode part : sequence.parts()) {
                    int more = part.fixedLength();
                    if (more < 0 || length + more > MAX_FIXED_LENGTH) {
                        yield -1;
                    }
                    length += more;
                }
                yield length;
            }
            case Choice choice -> {
                int[] lengths = choice.branches().stream()
                        .mapToInt(RegexNode::fixedLength)
                        .distinct()
                        .toArray();
                yield lengths.length == 1 ? lengths[0] : -1;
            }
            case Repeat repeat -> {
                int once = repeat.least() == repeat.most() ? repeat.part().fixedLength() : -1;
                long length = (long) once * repeat.least();
                yield once < 0 || length > MAX_FIXED_LENGTH ? -1 : (int) length;
            }
        };
    }

    /** Whether a match can be empty. */
    default boolean canBeEmpty() {
        return switch (this) {
            case OneOf one -> false;
            case At at -> true;
            case Look look -> true;
            case Atomic atomic -> atomic.part().canBeEmpty();
            case Sequence sequence -> sequence.parts().stream().allMatch(RegexNode::canBeEmpty);
            case Choice choice -> choice.branches().stream().anyMatch(RegexNode::canBeEmpty);
            case Repeat repeat -> repeat.least() == 0 || repeat.part().canBeEmpty();
        };
    }

    /** The code points with which a match can begin; null if it can be empty. */
    default CodePointSet first() {
        return switch (this) {
            case OneOf one -> one.set();
            case At at -> null;
            case Look look -> null;
            case Atomic atomic -> atomic.part().first();
            case Repeat repeat -> repeat.least() == 0 ? null : repeat.part().first();
            case Choice choice -> {
                CodePointSet all = null;
                for (RegexNode branch : choice.branches()) {
                    CodePointSet first = branch.first();
                    if (first == null) {
                        yield null;
                    }
                    all = all == null ? first : all.or(first);
                }
                yield all;
            }
            case Sequence sequence -> {
                CodePointSet all = null;
                for (RegexNode part : sequence.parts()) {
                    CodePointSet first = part.canBeEmpty() ? beginning(part) : part.first();
                    if (first == null) {
                        yield null;
                    }
                    all = all == null ? first : all.or(first);
                    if (!part.canBeEmpty()) {
                        yield all;
                    }
                }
                yield null;
            }
        };
    }

    /** With what a part that can also be empty begins when it is not; null if that is not simply known. */
    private static CodePointSet beginning(RegexNode part) {
        return switch (part) {
            case At at -> CodePointSet.of();
            case Look look -> CodePointSet.of();
            case Repeat repeat ->
                repeat.part().canBeEmpty() ? null : repeat.part().first();
            default -> null;
        };
    }
}
