package tilewright.model.family.language;

import java.util.List;

/** What a family file may write where a value is wanted. */
sealed interface Expression {
    /** Where it stands. */
    Place place();

    /**
     * A line of a family file.
     *
     * @param file the file's name
     * @param line counted from 1
     */
    record Place(String file, int line) {
        @Override
        public String toString() {
            return file + ":" + line;
        }
    }

    /** A number, true, false or null. */
    record Literal(Value value, Place place) implements Expression {}

    /** A string; parts are String or Expression. */
    record Template(List<Object> parts, Place place) implements Expression {}

    /** A variable. */
    record Name(String name, Place place) implements Expression {}

    /** {@code [a, b]}. */
    record Listed(List<Expression> items, Place place) implements Expression {}

    /** {@code [item for variable in items if condition]}; condition null for none. */
    record Comprehension(Expression item, String variable, Expression items, Expression condition, Place place)
            implements Expression {}

    /** {@code {"key": value}}. */
    record Fielded(List<String> keys, List<Expression> values, Place place) implements Expression {}

    /** {@code target.key}. */
    record Member(Expression target, String key, Place place) implements Expression {}

    /** {@code target[index]}. */
    record Index(Expression target, Expression index, Place place) implements Expression {}

    /** {@code function(a, name=b)}; name null for a positional argument. */
    record Call(Expression function, List<Argument> arguments, Place place) implements Expression {}

    /** An argument of a call. */
    record Argument(String name, Expression value) {}

    /** {@code not a}, {@code -a}. */
    record Unary(String operator, Expression operand, Place place) implements Expression {}

    /** {@code a + b} and the like. */
    record Binary(String operator, Expression left, Expression right, Place place) implements Expression {}

    /** {@code a if condition else b}. */
    record Choice(Expression condition, Expression then, Expression otherwise, Place place) implements Expression {}

    /** {@code a as "name"}. */
    record Named(Expression value, Expression name, Place place) implements Expression {}
}
