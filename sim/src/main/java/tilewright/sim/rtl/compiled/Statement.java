package tilewright.sim.rtl.compiled;

import java.util.List;
import tilewright.hw.lang.design.Expression;

/** What compiled functions consist of. Expressions in statements have at most 64 bits, references and slices apart. */
sealed interface Statement {
    /** The longest list of statements that a branch holds in place; longer ones become methods. */
    int LONGEST_BRANCH = 1500;

    /** The most bytes of code that it takes where it stands. */
    int size();

    /** The most bytes of code that it takes with what it calls. */
    default int deepSize() {
        return size();
    }

    /** Takes a value to a word. */
    record Store(int slot, Expression value) implements Statement {
        @Override
        public int size() {
            return 6 + ExpressionCode.size(value);
        }
    }

    /**
     * Calls a method of {@link WideWords} with the words of all nets and arguments, each an {@link Integer}, an
     * {@link Expression} or a {@link MemoryOperand}.
     */
    record Call(String method, List<Object> arguments) implements Statement {
        static Call of(String method, Object... arguments) {
            return new Call(method, List.of(arguments));
        }

        @Override
        public int size() {
            int sum = 4;
            for (Object argument : arguments) {
                sum += argument instanceof Expression e ? ExpressionCode.size(e) : 6;
            }
            return sum;
        }
    }

    /** The words of a memory as an argument. */
    record MemoryOperand(int memory) {}

    /** One of two lists of statements. */
    record If(Expression condition, List<Statement> whenTrue, List<Statement> whenFalse, int size, int deepSize)
            implements Statement {
        static If of(Expression condition, List<Statement> whenTrue, List<Statement> whenFalse) {
            int test = ExpressionCode.size(condition) + 12;
            return new If(
                    condition,
                    whenTrue,
                    whenFalse,
                    test + inPlace(whenTrue) + inPlace(whenFalse),
                    test + deep(whenTrue) + deep(whenFalse));
        }

        private static int inPlace(List<Statement> list) {
            int sum = total(list);
            return sum > LONGEST_BRANCH ? 6 : sum;
        }

        private static int deep(List<Statement> list) {
            return list.stream().mapToInt(Statement::deepSize).sum();
        }
    }

    /** Stops where a condition does not hold. */
    record Check(Expression condition, int index) implements Statement {
        @Override
        public int size() {
            return 16 + ExpressionCode.size(condition);
        }
    }

    /** The sizes of statements together. */
    static int total(List<Statement> list) {
        return list.stream().mapToInt(Statement::size).sum();
    }
}
