package tilewright.model.tokenizer.regex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tilewright.model.tokenizer.regex.RegexNode.Mode;
import tilewright.model.tokenizer.regex.RegexNode.Place;

/** A pattern as instructions for {@link Regex}: four integers each, and tables that they point into. */
final class RegexProgram {
    /** One code point of set a. */
    static final int ONE = 0;
    /** Between b and c code points of set a (c negative: no limit), as many as possible, fewer on failure. */
    static final int GREEDY = 1;
    /** The same, as few as possible. */
    static final int LAZY = 2;
    /** The same, as many as possible, never fewer. */
    static final int POSSESSIVE = 3;
    /** Go on at a; on failure at b. */
    static final int SPLIT = 4;
    /** Go on at the first branch of table a that can begin here; on failure at the next. */
    static final int CHOICE = 5;
    /** Go on at a. */
    static final int JUMP = 6;
    /** Position condition a. */
    static final int AT = 7;
    /** What follows must match (b = 0) or must not (b = 1); go on at a. */
    static final int AHEAD = 8;
    /** What follows must match (b = 0) or must not (b = 1) from c code points before; go on at a. */
    static final int BEHIND = 9;
    /** What follows is matched once and for all; go on at a. */
    static final int ATOMIC = 10;
    /** Remember the position in register a. */
    static final int MARK = 11;
    /** Go on at b, which leaves a loop, if the position is still that of register a. */
    static final int MOVED = 12;
    /** The end, of the pattern or of what follows a look or an atomic group. */
    static final int MATCH = 13;

    static final Place[] PLACES = Place.values();
    private static final int MAX_INSTRUCTIONS = 50_000;

    /** Where the branches of a choice are, and which of them can begin with an ASCII character. */
    record Branches(int[] targets, CodePointSet[] first, long[] asciiBranches) {}

    int[] code = new int[64];
    final List<CodePointSet> sets = new ArrayList<>();
    final List<Branches> choices = new ArrayList<>();
    int registers;
    private int size;

    RegexProgram(RegexNode node) {
        add(node);
        emit(MATCH, 0, 0, 0);
        code = Arrays.copyOf(code, size * 4);
    }

    private int emit(int operation, int a, int b, int c) {
        if (size >= MAX_INSTRUCTIONS) {
            throw new RegexSyntaxException("pattern is too large", 0);
        }
        if (size * 4 == code.length) {
            code = Arrays.copyOf(code, code.length * 2);
        }
        code[size * 4] = operation;
        code[size * 4 + 1] = a;
        code[size * 4 + 2] = b;
        code[size * 4 + 3] = c;
        return size++;
    }

    private int set(CodePointSet set) {
        sets.add(set);
        return sets.size() - 1;
    }

    private void add(RegexNode node) {
        switch (node) {
            case RegexNode.OneOf one -> emit(ONE, set(one.set()), 0, 0);
            case RegexNode.At at -> emit(AT, at.place().ordinal(), 0, 0);
            case RegexNode.Sequence sequence -> sequence.parts().forEach(this::add);
            case RegexNode.Choice choice -> add(choice);
            case RegexNode.Repeat repeat -> add(repeat);
            case RegexNode.Look look -> add(look);
            case RegexNode.Atomic atomic -> {
                int start = emit(ATOMIC, 0, 0, 0);
                add(atomic.part());
                emit(MATCH, 0, 0, 0);
                code[start * 4 + 1] = size;
            }
        }
    }

    private void add(RegexNode.Look look) {
        if (!look.ahead()
                && look.part() instanceof RegexNode.Choice choice
                && look.part().fixedLength() < 0) {
            addBehindEach(look, choice);
            return;
        }
        int start = look.ahead()
                ? emit(AHEAD, 0, look.negative() ? 1 : 0, 0)
                : emit(BEHIND, 0, look.negative() ? 1 : 0, look.part().fixedLength());
        add(look.part());
        emit(MATCH, 0, 0, 0);
        code[start * 4 + 1] = size;
    }

    /** Branches of different lengths: none of them, or one of them, is behind. */
    private void addBehindEach(RegexNode.Look look, RegexNode.Choice choice) {
        List<RegexNode> looks = new ArrayList<>();
        for (RegexNode branch : choice.branches()) {
            looks.add(new RegexNode.Look(branch, false, look.negative()));
        }
        add(look.negative() ? new RegexNode.Sequence(looks) : new RegexNode.Choice(looks));
    }

    private void add(RegexNode.Choice choice) {
        int branches = choice.branches().size();
        int start = emit(CHOICE, choices.size(), 0, 0);
        Branches table = new Branches(new int[branches], new CodePointSet[branches], new long[128]);
        choices.add(table);
        List<Integer> jumps = new ArrayList<>();
        for (int i = 0; i < branches; i++) {
            RegexNode branch = choice.branches().get(i);
            table.targets[i] = size;
            table.first[i] = branch.first();
            for (int c = 0; c < 128; c++) {
                if (table.first[i] == null || table.first[i].contains(c)) {
                    table.asciiBranches[c] |= i < 64 ? 1L << i : 0;
                }
            }
            add(branch);
            jumps.add(emit(JUMP, 0, 0, 0));
        }
        jumps.forEach(jump -> code[jump * 4 + 1] = size);
        code[start * 4 + 2] = branches;
    }

    private void add(RegexNode.Repeat repeat) {
        if (repeat.part() instanceof RegexNode.OneOf one) {
            int operation = switch (repeat.mode()) {
                case GREEDY -> GREEDY;
                case LAZY -> LAZY;
                case POSSESSIVE -> POSSESSIVE;
            };
            emit(operation, set(one.set()), repeat.least(), repeat.most());
            return;
        }
        if (repeat.mode() == Mode.POSSESSIVE) {
            add(new RegexNode.Atomic(new RegexNode.Repeat(repeat.part(), repeat.least(), repeat.most(), Mode.GREEDY)));
            return;
        }
        for (int i = 0; i < repeat.least(); i++) {
            add(repeat.part());
        }
        if (repeat.most() == RegexNode.UNLIMITED) {
            addLoop(repeat);
        } else {
            List<Integer> splits = new ArrayList<>();
            for (int i = repeat.least(); i < repeat.most(); i++) {
                splits.add(emit(SPLIT, 0, 0, 0));
                add(repeat.part());
            }
            for (int split : splits) {
                branch(split, split + 1, size, repeat.mode());
            }
        }
    }

    private void addLoop(RegexNode.Repeat repeat) {
        boolean guarded = repeat.part().canBeEmpty();
        int split = emit(SPLIT, 0, 0, 0);
        int register = guarded ? registers++ : 0;
        if (guarded) {
            emit(MARK, register, 0, 0);
        }
        add(repeat.part());
        int moved = guarded ? emit(MOVED, register, 0, 0) : 0;
        emit(JUMP, split, 0, 0);
        if (guarded) {
            code[moved * 4 + 2] = size;
        }
        branch(split, split + 1, size, repeat.mode());
    }

    private void branch(int split, int again, int onward, Mode mode) {
        code[split * 4 + 1] = mode == Mode.LAZY ? onward : again;
        code[split * 4 + 2] = mode == Mode.LAZY ? again : onward;
    }
}
