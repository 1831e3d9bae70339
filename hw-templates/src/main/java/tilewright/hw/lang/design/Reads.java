package tilewright.hw.lang.design;

import java.util.LinkedHashSet;
import java.util.Set;

/** Finds what an expression reads. */
public final class Reads {
    private Reads() {}

    /** The nets that an expression refers to, in the order of their first appearance. */
    public static Set<Net> of(Expression expression) {
        Set<Net> result = new LinkedHashSet<>();
        collect(expression, result);
        return result;
    }

    private static void collect(Expression expression, Set<Net> result) {
        if (expression instanceof Expression.Ref ref) {
            result.add(ref.net());
        }
        for (Expression operand : expression.operands()) {
            collect(operand, result);
        }
    }
}
