package tilewright.model.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the value of an expression in a scope. */
final class Evaluator {
    private static final long MAX_STEPS = 20_000_000;

    private long steps;

    Object value(Expression expression, Scope scope) {
        if (++steps > MAX_STEPS) {
            throw new TemplateException("template takes more than " + MAX_STEPS + " steps", expression.line());
        }
        try {
            return evaluate(expression, scope);
        } catch (TemplateException e) {
            throw e.at(expression.line());
        }
    }

    private Object evaluate(Expression expression, Scope scope) {
        return switch (expression) {
            case Expression.Constant constant -> constant.value();
            case Expression.Name name -> scope.get(name.name());
            case Expression.ListOf list -> {
                List<Object> items = all(list.items(), scope);
                yield list.tuple() ? new Tuple(items) : items;
            }
            case Expression.MapOf map -> {
                Map<Object, Object> values = new LinkedHashMap<>();
                for (int i = 0; i < map.keys().size(); i++) {
                    values.put(
                            Interpreter.key(value(map.keys().get(i), scope)),
                            value(map.values().get(i), scope));
                }
                yield values;
            }
            case Expression.Unary unary -> {
                Object value = value(unary.value(), scope);
                yield switch (unary.operator()) {
                    case "not" -> !Values.isTrue(value);
                    case "-" -> Arithmetic.negative(value);
                    default -> Arithmetic.negative(Arithmetic.negative(value));
                };
            }
            case Expression.Binary binary -> binary(binary, scope);
            case Expression.Comparison comparison -> comparison(comparison, scope);
            case Expression.Conditional conditional -> {
                if (Values.isTrue(value(conditional.condition(), scope))) {
                    yield value(conditional.then(), scope);
                }
                yield conditional.otherwise() == null
                        ? new Undefined("the other value of an 'if' without 'else'")
                        : value(conditional.otherwise(), scope);
            }
            case Expression.Attribute attribute -> Members.attribute(value(attribute.of(), scope), attribute.name());
            case Expression.Item item -> Members.item(value(item.of(), scope), value(item.key(), scope));
            case Expression.Slice slice ->
                Members.slice(
                        value(slice.of(), scope),
                        optional(slice.from(), scope),
                        optional(slice.to(), scope),
                        optional(slice.step(), scope));
            case Expression.Call call -> {
                Object function = value(call.function(), scope);
                Given given = given(call.arguments(), scope);
                if (function instanceof Callable callable) {
                    yield callable.call(given);
                }
                if (function instanceof Undefined undefined) {
                    throw undefined.failure();
                }
                throw new TemplateException(Values.kind(function) + " cannot be called");
            }
            case Expression.Filter filter ->
                Filters.apply(filter.name(), value(filter.value(), scope), given(filter.arguments(), scope));
            case Expression.Test test ->
                Tests.holds(test.name(), value(test.value(), scope), given(test.arguments(), scope));
        };
    }

    private Object binary(Expression.Binary binary, Scope scope) {
        Object left = value(binary.left(), scope);
        return switch (binary.operator()) {
            case "and" -> Values.isTrue(left) ? value(binary.right(), scope) : left;
            case "or" -> Values.isTrue(left) ? left : value(binary.right(), scope);
            default -> Arithmetic.apply(binary.operator(), left, value(binary.right(), scope));
        };
    }

    private Object comparison(Expression.Comparison comparison, Scope scope) {
        Object left = value(comparison.first(), scope);
        for (int i = 0; i < comparison.operators().size(); i++) {
            Object right = value(comparison.others().get(i), scope);
            boolean holds = switch (comparison.operators().get(i)) {
                case "==" -> Values.equal(left, right);
                case "!=" -> !Values.equal(left, right);
                case "in" -> Values.contains(right, left);
                case "not in" -> !Values.contains(right, left);
                case "<" -> Values.compare(left, right) < 0;
                case "<=" -> Values.compare(left, right) <= 0;
                case ">" -> Values.compare(left, right) > 0;
                default -> Values.compare(left, right) >= 0;
            };
            if (!holds) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private Object optional(Expression expression, Scope scope) {
        return expression == null ? null : value(expression, scope);
    }

    private List<Object> all(List<Expression> expressions, Scope scope) {
        List<Object> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(value(expression, scope));
        }
        return values;
    }

    Given given(Expression.Arguments arguments, Scope scope) {
        if (arguments == Expression.Arguments.NONE) {
            return Given.NOTHING;
        }
        List<Object> positional = all(arguments.positional(), scope);
        if (arguments.morePositional() != null) {
            positional.addAll(Values.items(value(arguments.morePositional(), scope)));
        }
        Map<String, Object> named = new LinkedHashMap<>();
        for (int i = 0; i < arguments.names().size(); i++) {
            named.put(arguments.names().get(i), value(arguments.named().get(i), scope));
        }
        if (arguments.moreNamed() != null) {
            if (!(value(arguments.moreNamed(), scope) instanceof Map<?, ?> more)) {
                throw new TemplateException("'**' needs a mapping");
            }
            more.forEach((name, value) -> named.put(Values.text(name), value));
        }
        return new Given(positional, named);
    }
}
