package tilewright.model.chat;

import java.util.List;

/** What a template does; each with its line. */
sealed interface Statement {
    int line();

    record Text(String text, int line) implements Statement {}

    record Print(Expression value, int line) implements Statement {}

    /** Conditions in order, each with what is done if it is the first to hold; an else has the condition true. */
    record If(List<Expression> conditions, List<List<Statement>> bodies, int line) implements Statement {}

    /** {@code filter} may be null; {@code otherwise} is done if there are no items. */
    record For(
            Target target,
            Expression items,
            Expression filter,
            boolean recursive,
            List<Statement> body,
            List<Statement> otherwise,
            int line)
            implements Statement {}

    record Set(Target target, Expression value, int line) implements Statement {}

    /** Sets a name to rendered text; {@code filter} may be null. */
    record SetBlock(Target target, Expression filter, List<Statement> body, int line) implements Statement {}

    record Macro(String name, List<String> parameters, List<Expression> defaults, List<Statement> body, int line)
            implements Statement {}

    /** Calls a macro that gets the rendered body as {@code caller}. */
    record CallBlock(
            Expression.Call call, List<String> parameters, List<Expression> defaults, List<Statement> body, int line)
            implements Statement {}

    record FilterBlock(Expression filter, List<Statement> body, int line) implements Statement {}

    /** A scope of its own with some names set. */
    record With(List<String> names, List<Expression> values, List<Statement> body, int line) implements Statement {}

    record Break(int line) implements Statement {}

    record Continue(int line) implements Statement {}

    /** What is assigned to: a name, an attribute of a namespace, or several of these. */
    sealed interface Target {
        record Variable(String name) implements Target {}

        record Member(String namespace, String name) implements Target {}

        record Several(List<Target> parts) implements Target {}
    }
}
