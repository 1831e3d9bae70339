package tilewright.sim.rtl.compiled;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Expression.BinaryOperator;

/**
 * Bytecode that leaves the value of an expression of at most 64 bits on the stack, as a {@code long}. Local 0 holds the words
 * of all nets, local 1 those of each memory.
 */
final class ExpressionCode {
    static final ClassDesc WIDE = ClassDesc.of(WideWords.class.getName());
    static final ClassDesc LONGS = ConstantDescs.CD_long.arrayType();
    private static final MethodTypeDesc TWO_LONGS =
            MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_long, ConstantDescs.CD_long);

    private final Slots slots;

    ExpressionCode(Slots slots) {
        this.slots = slots;
    }

    /** The most bytes of code that an expression takes. */
    static int size(Expression e) {
        int sum = own(e);
        for (Expression operand : e.operands()) {
            sum += size(operand);
        }
        return sum;
    }

    /** The most bytes that an expression takes apart from its operands. */
    static int own(Expression e) {
        return switch (e) {
            case Expression.Constant _ -> 3;
            case Expression.Ref _ -> 6;
            case Expression.Unary _ -> 18;
            case Expression.Binary _ -> 20;
            case Expression.Mux _ -> 14;
            case Expression.Slice _ -> 26;
            case Expression.Concat concat -> 12 * concat.parts().size();
            case Expression.Extend _ -> 0;
            case Expression.Reinterpret _ -> 8;
            case Expression.Lookup _ -> 12;
        };
    }

    /** Writes the code; returns a width whose numbers, of the expression's signedness, include all it can give. */
    int value(CodeBuilder c, Expression e) {
        return switch (e) {
            case Expression.Constant x -> {
                c.loadConstant(x.value().longValue());
                yield x.signed()
                        ? x.value().bitLength() + 1
                        : Math.max(1, x.value().bitLength());
            }
            case Expression.Ref x -> {
                word(c, slots.of(x.net()));
                yield x.width();
            }
            case Expression.Unary x -> unary(c, x);
            case Expression.Binary x -> binary(c, x);
            case Expression.Mux x -> mux(c, x);
            case Expression.Slice x -> slice(c, x, false);
            case Expression.Concat x -> concat(c, x.parts());
            case Expression.Extend x -> value(c, x.operand());
            case Expression.Reinterpret x -> reinterpret(c, x);
            case Expression.Lookup x -> {
                c.aload(1).loadConstant(x.memory()).aaload();
                value(c, x.address());
                c.invokestatic(WIDE, "word", MethodTypeDesc.of(ConstantDescs.CD_long, LONGS, ConstantDescs.CD_long));
                yield x.width();
            }
        };
    }

    /** Writes code that goes to a label where a condition does not hold. */
    void jumpUnless(CodeBuilder c, Expression condition, Label target) {
        if (condition instanceof Expression.Unary not && not.operator() == Expression.UnaryOperator.NOT) {
            value(c, not.operand());
            c.lconst_0().lcmp().ifne(target);
        } else if (condition instanceof Expression.Binary x && x.operator().isComparison()) {
            compare(c, x);
            switch (x.operator()) {
                case EQUAL -> c.ifne(target);
                case NOT_EQUAL -> c.ifeq(target);
                case LESS -> c.ifge(target);
                case LESS_OR_EQUAL -> c.ifgt(target);
                case GREATER -> c.ifle(target);
                default -> c.iflt(target);
            }
        } else {
            value(c, condition);
            c.lconst_0().lcmp().ifeq(target);
        }
    }

    private static void word(CodeBuilder c, int slot) {
        c.aload(0).loadConstant(slot).laload();
    }

    private int unary(CodeBuilder c, Expression.Unary e) {
        Expression x = e.operand();
        int width = x.width();
        switch (e.operator()) {
            case NOT -> {
                int bits = value(c, x);
                c.loadConstant(x.signed() ? -1L : mask(width)).lxor();
                return x.signed() ? bits : width;
            }
            case ALL -> {
                value(c, x);
                c.loadConstant(x.signed() ? -1L : mask(width)).lcmp();
                truth(c, BinaryOperator.EQUAL);
            }
            case ANY -> {
                value(c, x);
                c.lconst_0().lcmp();
                truth(c, BinaryOperator.NOT_EQUAL);
            }
            case PARITY -> {
                value(c, x);
                if (x.signed() && width < 64) {
                    c.loadConstant(mask(width)).land();
                }
                c.invokestatic(
                        ConstantDescs.CD_Long,
                        "bitCount",
                        MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_long));
                c.i2l().lconst_1().land();
            }
        }
        return 1;
    }

    private int binary(CodeBuilder c, Expression.Binary e) {
        int width = e.width();
        boolean signed = e.signed();
        if (e.operator().isComparison()) {
            compare(c, e);
            truth(c, e.operator());
            return 1;
        }
        int a = value(c, e.left());
        int b = value(c, e.right());
        switch (e.operator()) {
            case ADD -> {
                c.ladd();
                return fit(c, Math.max(a, b) + 1, width, signed);
            }
            case SUBTRACT -> {
                c.lsub();
                return fit(c, signed ? Math.max(a, b) + 1 : 65, width, signed);
            }
            case MULTIPLY -> {
                c.lmul();
                return Math.min(width, a + b);
            }
            case AND -> {
                c.land();
                return signed ? Math.max(a, b) : Math.min(a, b);
            }
            case OR -> {
                c.lor();
                return Math.max(a, b);
            }
            case XOR -> {
                c.lxor();
                return Math.max(a, b);
            }
            case SHIFT_LEFT -> {
                if (b <= 6) {
                    c.l2i().lshl();
                } else {
                    c.invokestatic(WIDE, "shiftLeft", TWO_LONGS);
                }
                return fit(c, 65, width, signed);
            }
            default -> {
                if (b <= 6) {
                    c.l2i();
                    if (signed) {
                        c.lshr();
                    } else {
                        c.lushr();
                    }
                } else {
                    c.invokestatic(WIDE, signed ? "shiftRightSigned" : "shiftRight", TWO_LONGS);
                }
                return a;
            }
        }
    }

    /** Leaves an int that compares with zero as the operands compare. */
    private void compare(CodeBuilder c, Expression.Binary e) {
        boolean flip = !e.left().signed()
                && e.left().width() == 64
                && e.operator() != BinaryOperator.EQUAL
                && e.operator() != BinaryOperator.NOT_EQUAL;
        value(c, e.left());
        if (flip) {
            c.loadConstant(Long.MIN_VALUE).lxor();
        }
        value(c, e.right());
        if (flip) {
            c.loadConstant(Long.MIN_VALUE).lxor();
        }
        c.lcmp();
    }

    /** Makes 0 or 1 of what {@code lcmp} left. */
    private static void truth(CodeBuilder c, BinaryOperator operator) {
        Label yes = c.newLabel();
        Label end = c.newLabel();
        switch (operator) {
            case EQUAL -> c.ifeq(yes);
            case NOT_EQUAL -> c.ifne(yes);
            case LESS -> c.iflt(yes);
            case LESS_OR_EQUAL -> c.ifle(yes);
            case GREATER -> c.ifgt(yes);
            default -> c.ifge(yes);
        }
        c.lconst_0().goto_(end).labelBinding(yes).lconst_1().labelBinding(end);
    }

    private int mux(CodeBuilder c, Expression.Mux e) {
        Label otherwise = c.newLabel();
        Label end = c.newLabel();
        jumpUnless(c, e.condition(), otherwise);
        int a = value(c, e.whenTrue());
        c.goto_(end).labelBinding(otherwise);
        int b = value(c, e.whenFalse());
        c.labelBinding(end);
        return Math.max(a, b);
    }

    /** Bits of a value, read as unsigned or signed. */
    private int slice(CodeBuilder c, Expression.Slice e, boolean signed) {
        Expression x = e.operand();
        int width = e.width();
        int bits;
        if (Slots.isWide(x)) {
            int slot = slots.of(((Expression.Ref) x).net()) + e.low() / 64;
            int low = e.low() % 64;
            word(c, slot);
            if (low > 0) {
                c.loadConstant(low).lushr();
            }
            if (low + width > 64) {
                word(c, slot + 1);
                c.loadConstant(64 - low).lshl().lor();
            }
            bits = 64;
        } else {
            bits = value(c, x);
            if (signed && x.signed() && e.high() == x.width() - 1) {
                if (e.low() > 0) {
                    c.loadConstant(e.low()).lshr();
                }
                return Math.max(1, bits - e.low());
            }
            if (e.low() > 0) {
                c.loadConstant(e.low()).lushr();
            }
            bits = x.signed() ? 65 : Math.max(1, bits - e.low());
        }
        return fit(c, signed ? bits + 1 : bits, width, signed);
    }

    private int concat(CodeBuilder c, List<Expression> parts) {
        int low = parts.stream().mapToInt(Expression::width).sum();
        boolean first = true;
        int total = 0;
        for (Expression part : parts) {
            low -= part.width();
            int bits = value(c, part);
            if (part.signed() && part.width() < 64) {
                c.loadConstant(mask(part.width())).land();
                bits = part.width();
            }
            if (low > 0) {
                c.loadConstant(low).lshl();
            }
            if (first) {
                total = bits + low;
            } else {
                c.lor();
            }
            first = false;
        }
        return total;
    }

    private int reinterpret(CodeBuilder c, Expression.Reinterpret e) {
        Expression x = e.operand();
        if (e.signed() && x instanceof Expression.Slice s) {
            return slice(c, s, true);
        }
        int bits = value(c, x);
        if (e.signed() == x.signed()) {
            return bits;
        }
        return fit(c, e.signed() ? bits + 1 : 65, e.width(), e.signed());
    }

    /** Wraps what lies in {@code bits} bits to a width, unless it fits anyway. */
    private static int fit(CodeBuilder c, int bits, int width, boolean signed) {
        if (bits <= width) {
            return bits;
        }
        if (width < 64) {
            if (signed) {
                c.loadConstant(64 - width).lshl().loadConstant(64 - width).lshr();
            } else {
                c.loadConstant(mask(width)).land();
            }
        }
        return width;
    }

    private static long mask(int width) {
        return width == 64 ? -1L : (1L << width) - 1;
    }
}
