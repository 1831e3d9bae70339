package tilewright.model.family.language;

import java.util.List;

/** A line or block of a family file's body. */
sealed interface Statement {
    /** Where it begins. */
    Expression.Place place();

    /** {@code a = value}, or {@code a, b = value} for a value with parts. */
    record Assign(List<String> names, Expression value, Expression.Place place) implements Statement {}

    /** A call for its effect. */
    record Run(Expression value, Expression.Place place) implements Statement {}

    /** {@code for name in items:}. */
    record For(String name, Expression items, List<Statement> body, Expression.Place place) implements Statement {}

    /** {@code if}, {@code elif}, {@code else}; the last branch may have no condition. */
    record If(List<Branch> branches, Expression.Place place) implements Statement {}

    /** One branch; condition null for {@code else}. */
    record Branch(Expression condition, List<Statement> body) {}

    /** {@code def name(parameters):}. */
    record Define(String name, List<Parameter> parameters, List<Statement> body, Expression.Place place)
            implements Statement {}

    /** A parameter of a function; its default null where an argument is needed. */
    record Parameter(String name, Expression absent) {}

    /** {@code return value}; null for none. */
    record Return(Expression value, Expression.Place place) implements Statement {}

    /** {@code scope "name":} names of values made in the body begin with it. */
    record Scope(Expression name, List<Statement> body, Expression.Place place) implements Statement {}
}
