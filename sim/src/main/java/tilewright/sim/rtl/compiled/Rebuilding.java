package tilewright.sim.rtl.compiled;

import java.util.List;
import tilewright.hw.lang.design.Expression;

/** Makes expressions like others, of other operands. */
final class Rebuilding {
    private Rebuilding() {}

    /** The expression with these operands, which stand in the order of {@link Expression#operands()}. */
    static Expression with(Expression e, List<Expression> operands) {
        return switch (e) {
            case Expression.Constant x -> x;
            case Expression.Ref x -> x;
            case Expression.Unary x -> new Expression.Unary(x.operator(), operands.getFirst());
            case Expression.Binary x -> new Expression.Binary(x.operator(), operands.get(0), operands.get(1));
            case Expression.Mux _ -> new Expression.Mux(operands.get(0), operands.get(1), operands.get(2));
            case Expression.Slice x -> new Expression.Slice(operands.getFirst(), x.high(), x.low());
            case Expression.Concat _ -> new Expression.Concat(List.copyOf(operands));
            case Expression.Extend x -> new Expression.Extend(operands.getFirst(), x.width());
            case Expression.Reinterpret x -> new Expression.Reinterpret(operands.getFirst(), x.signed());
            case Expression.Lookup x -> new Expression.Lookup(x.memory(), x.name(), operands.getFirst(), x.width());
        };
    }
}
