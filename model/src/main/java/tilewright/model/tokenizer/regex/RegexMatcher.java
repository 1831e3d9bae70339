package tilewright.model.tokenizer.regex;

import java.util.Arrays;
import tilewright.model.InvalidInputException;

/**
 * Finds the matches of a pattern in one text, from left to right.
 *
 * <p>Alternatives still to be tried are on a stack in the heap. Steps are counted over all matches together: a pattern
 * that takes many times more than the text is long is given up with an {@link InvalidInputException}.
 */
public final class RegexMatcher {
    private static final long FREE_STEPS = 50_000_000;
    private static final long STEPS_PER_CHARACTER = 400;
    private static final int MAX_STACK = 24 << 20;

    /** Kinds of stack frames, in the upper bits of a frame's first word; the lower ones are an instruction. */
    private static final int KIND_SHIFT = 28;

    private static final int BRANCH = 0;
    private static final int FEWER = 1;
    private static final int MORE = 2;
    private static final int REGISTER = 3;
    private static final int NEXT_CHOICE = 4;
    private static final int LOW = (1 << KIND_SHIFT) - 1;

    private final String text;
    private final int from;
    private final int to;
    private final int[] code;
    private final CodePointSet[] sets;
    private final RegexProgram.Branches[] choices;
    private final CodePointSet first;
    private final int[] registers;
    private int[] stack = new int[96];
    private int top;
    private long stepsLeft;
    private int start;
    private int end = -1;

    RegexMatcher(Regex regex, String text, int from, int to) {
        this.text = text;
        this.from = from;
        this.to = to;
        this.code = regex.program.code;
        this.sets = regex.sets;
        this.choices = regex.choices;
        this.first = regex.first;
        this.registers = new int[regex.program.registers];
        this.stepsLeft = FREE_STEPS + STEPS_PER_CHARACTER * (to - from);
    }

    /** Where the match begins. */
    public int start() {
        return start;
    }

    /** Behind the last character of the match. */
    public int end() {
        return end;
    }

    /**
     * Finds the next match behind the one before; an empty match right at the end of the one before does not count.
     *
     * @return false if there is none, and then from now on
     * @throws InvalidInputException if the pattern backtracks too much on this text
     */
    public boolean find() {
        int previousEnd = end;
        for (int position = Math.max(from, end); position <= to; position = next(position)) {
            if (first != null) {
                while (position < to && !first.contains(codePoint(position))) {
                    position = next(position);
                }
                if (position >= to) {
                    break;
                }
            }
            top = 0;
            int matchEnd = run(0, position);
            if (matchEnd >= 0 && !(matchEnd == position && position == previousEnd)) {
                start = position;
                end = matchEnd;
                return true;
            }
            count(1);
        }
        start = to + 1;
        end = to + 1;
        return false;
    }

    private int codePoint(int position) {
        char c = text.charAt(position);
        if (Character.isHighSurrogate(c) && position + 1 < to) {
            char low = text.charAt(position + 1);
            if (Character.isLowSurrogate(low)) {
                return Character.toCodePoint(c, low);
            }
        }
        return c;
    }

    private int next(int position) {
        return position < to ? position + Character.charCount(codePoint(position)) : position + 1;
    }

    private int previous(int position) {
        boolean pair = position - 2 >= from
                && Character.isLowSurrogate(text.charAt(position - 1))
                && Character.isHighSurrogate(text.charAt(position - 2));
        return position - (pair ? 2 : 1);
    }

    private void count(long steps) {
        stepsLeft -= steps;
        if (stepsLeft < 0) {
            throw new InvalidInputException("a pattern of the tokenizer backtracks too often on this text of "
                    + (to - from) + " characters; split the text, or simplify the pattern");
        }
    }

    private void push(int kind, int instruction, int a, int b) {
        if (top + 3 > stack.length) {
            if (stack.length * 2L > MAX_STACK) {
                throw new InvalidInputException("a pattern of the tokenizer leaves too much open on this text of "
                        + (to - from) + " characters; split the text, or simplify the pattern");
            }
            stack = Arrays.copyOf(stack, stack.length * 2);
        }
        stack[top] = kind << KIND_SHIFT | instruction;
        stack[top + 1] = a;
        stack[top + 2] = b;
        top += 3;
    }

    /** Runs from an instruction to its MATCH; the end of the match, or -1. What it pushed is gone afterwards. */
    private int run(int firstInstruction, int firstPosition) {
        int base = top;
        int pc = firstInstruction;
        int position = firstPosition;
        long steps = 0;
        while (true) {
            if (++steps > 4096) {
                count(steps);
                steps = 0;
            }
            if (pc < 0) {
                if (top == base) {
                    count(steps);
                    return -1;
                }
                top -= 3;
                int kind = stack[top] >>> KIND_SHIFT;
                pc = stack[top] & LOW;
                int a = stack[top + 1];
                int b = stack[top + 2];
                switch (kind) {
                    case BRANCH -> position = a;
                    case FEWER -> {
                        position = previous(a);
                        if (position > b) {
                            push(FEWER, pc, position, b);
                        }
                    }
                    case MORE -> {
                        int[] code = this.code;
                        int loop = (pc - 1) * 4;
                        position = a;
                        if (a < to && sets[code[loop + 1]].contains(codePoint(a))) {
                            int taken = b + 1;
                            int after = next(a);
                            position = after;
                            if (code[loop + 3] < 0 || taken < code[loop + 3]) {
                                push(MORE, pc, after, taken);
                            }
                        } else {
                            pc = -1;
                        }
                    }
                    case REGISTER -> {
                        registers[a] = b;
                        pc = -1;
                    }
                    default -> {
                        position = a;
                        pc = choose(pc, a, b);
                    }
                }
                continue;
            }
            int at = pc * 4;
            int a = code[at + 1];
            switch (code[at]) {
                case RegexProgram.ONE -> {
                    if (position < to) {
                        int codePoint = codePoint(position);
                        if (sets[a].contains(codePoint)) {
                            position += Character.charCount(codePoint);
                            pc++;
                            continue;
                        }
                    }
                    pc = -1;
                }
                case RegexProgram.GREEDY, RegexProgram.POSSESSIVE -> {
                    int least = code[at + 2];
                    int most = code[at + 3];
                    CodePointSet set = sets[a];
                    int taken = 0;
                    int here = position;
                    int fewest = least == 0 ? position : -1;
                    while (here < to && taken != most) {
                        int codePoint = codePoint(here);
                        if (!set.contains(codePoint)) {
                            break;
                        }
                        here += Character.charCount(codePoint);
                        if (++taken == least) {
                            fewest = here;
                        }
                    }
                    steps += taken;
                    if (taken < least) {
                        pc = -1;
                    } else {
                        pc++;
                        if (here > fewest && code[at] == RegexProgram.GREEDY) {
                            push(FEWER, pc, here, fewest);
                        }
                        position = here;
                    }
                }
                case RegexProgram.LAZY -> {
                    int least = code[at + 2];
                    int taken = 0;
                    while (taken < least && position < to && sets[a].contains(codePoint(position))) {
                        position = next(position);
                        taken++;
                    }
                    pc = taken < least ? -1 : pc + 1;
                    if (pc >= 0 && (code[at + 3] < 0 || taken < code[at + 3])) {
                        push(MORE, pc, position, taken);
                    }
                }
                case RegexProgram.SPLIT -> {
                    push(BRANCH, code[at + 2], position, 0);
                    pc = a;
                }
                case RegexProgram.CHOICE -> pc = choose(pc, position, 0);
                case RegexProgram.JUMP -> pc = a;
                case RegexProgram.AT -> pc = holds(a, position) ? pc + 1 : -1;
                case RegexProgram.AHEAD -> {
                    boolean found = run(pc + 1, position) >= 0;
                    pc = found == (code[at + 2] == 0) ? a : -1;
                }
                case RegexProgram.BEHIND -> {
                    int back = position;
                    for (int i = 0; i < code[at + 3] && back >= from; i++) {
                        back = back == from ? -1 : previous(back);
                    }
                    boolean found = back >= from && run(pc + 1, back) == position;
                    pc = found == (code[at + 2] == 0) ? a : -1;
                }
                case RegexProgram.ATOMIC -> {
                    position = run(pc + 1, position);
                    pc = position >= 0 ? a : -1;
                }
                case RegexProgram.MARK -> {
                    push(REGISTER, 0, a, registers[a]);
                    registers[a] = position;
                    pc++;
                }
                case RegexProgram.MOVED -> pc = registers[a] == position ? code[at + 2] : pc + 1;
                default -> {
                    top = base;
                    count(steps);
                    return position;
                }
            }
        }
    }

    /** The target of the first branch from {@code branch} on that can begin here; the rest is left for later. */
    private int choose(int choice, int position, int branch) {
        RegexProgram.Branches table = choices[code[choice * 4 + 1]];
        int[] targets = table.targets();
        int count = targets.length;
        int next = branch;
        int codePoint = position < to ? codePoint(position) : -1;
        long open = codePoint >= 0 && codePoint < 128 && count <= 64 ? table.asciiBranches()[codePoint] : 0;
        boolean known = codePoint >= 0 && codePoint < 128 && count <= 64;
        while (next < count && !canBegin(table, next, codePoint, known, open)) {
            next++;
        }
        if (next == count) {
            return -1;
        }
        int later = next + 1;
        while (later < count && !canBegin(table, later, codePoint, known, open)) {
            later++;
        }
        if (later < count) {
            push(NEXT_CHOICE, choice, position, later);
        }
        return targets[next];
    }

    private static boolean canBegin(RegexProgram.Branches table, int branch, int codePoint, boolean known, long open) {
        if (known) {
            return (open >>> branch & 1) != 0;
        }
        CodePointSet first = table.first()[branch];
        return first == null || codePoint >= 0 && first.contains(codePoint);
    }

    private boolean holds(int place, int position) {
        return switch (RegexProgram.PLACES[place]) {
            case TEXT_BEGIN -> position == from;
            case TEXT_END -> position == to;
            case TEXT_END_OR_LAST_NEWLINE -> position == to || position == to - 1 && text.charAt(position) == '\n';
            case LINE_BEGIN -> position == from || position < to && text.charAt(position - 1) == '\n';
            case LINE_END -> position == to || text.charAt(position) == '\n';
            case WORD_BOUNDARY -> isWordBefore(position) != isWordAt(position);
            case NO_WORD_BOUNDARY -> isWordBefore(position) == isWordAt(position);
        };
    }

    private boolean isWordBefore(int position) {
        return position > from && CodePointSet.WORD.contains(codePoint(previous(position)));
    }

    private boolean isWordAt(int position) {
        return position < to && CodePointSet.WORD.contains(codePoint(position));
    }
}
