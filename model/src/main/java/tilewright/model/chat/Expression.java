package tilewright.model.chat;

import java.util.List;

/** What stands for a value in a template; each with its line. */
sealed interface Expression {
    int line();

    record Constant(Object value, int line) implements Expression {}

    record Name(String name, int line) implements Expression {}

    /** In brackets, or ({@code tuple}) separated by nothing but commas. */
    record ListOf(List<Expression> items, boolean tuple, int line) implements Expression {}

    record MapOf(List<Expression> keys, List<Expression> values, int line) implements Expression {}

    record Unary(String operator, Expression value, int line) implements Expression {}

    record Binary(String operator, Expression left, Expression right, int line) implements Expression {}

    /** a &lt; b &lt;= c: each operator between its neighbours, all of which must hold. */
    record Comparison(Expression first, List<String> operators, List<Expression> others, int line)
            implements Expression {}

    /** {@code otherwise} may be null. */
    record Conditional(Expression condition, Expression then, Expression otherwise, int line) implements Expression {}

    record Attribute(Expression of, String name, int line) implements Expression {}

    record Item(Expression of, Expression key, int line) implements Expression {}

    /** Bounds and step may be null. */
    record Slice(Expression of, Expression from, Expression to, Expression step, int line) implements Expression {}

    record Call(Expression function, Arguments arguments, int line) implements Expression {}

    /** {@code value} is null in a filter block, where the rendered text is filtered. */
    record Filter(Expression value, String name, Arguments arguments, int line) implements Expression {}

    record Test(Expression value, String name, Arguments arguments, int line) implements Expression {}

    /** What is given to a function; the expression lists of * and ** may be null. */
    record Arguments(
            List<Expression> positional,
            List<String> names,
            List<Expression> named,
            Expression morePositional,
            Expression moreNamed) {
        static final Arguments NONE = new Arguments(List.of(), List.of(), List.of(), null, null);
    }
}
