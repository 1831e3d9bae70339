package tilewright.model.family.language;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.Expression.Place;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.tensor.NearestName;

/**
 * Runs statements of family files, within limits on steps and depth.
 *
 * <p>Mistakes of the file become {@code FILE:LINE: ...}; what is wrong with the configuration becomes {@code CONFIG: key 'x'
 * ...} with the line of the family file behind it.
 */
final class Evaluator {
    private static final int MAX_STEPS = 20_000_000;
    private static final int MAX_DEPTH = 100;

    /** Marks that a block ran to its end without {@code return}. */
    private static final Value NO_RETURN = new Value.Text("", "no return");

    private final String configPlace;
    private final Value.Fields config;
    private final Map<String, Function> functions;
    private final Assembler assembler;
    private final BinaryOperators operators;
    private final Map<String, Value> globals = new HashMap<>();
    private final Deque<Place> calls = new ArrayDeque<>();
    private int steps;

    /** What {@code + - * /} mean when weights or values of the graph take part. */
    interface BinaryOperators {
        Value apply(String operator, Value left, Value right);
    }

    /**
     * An evaluator.
     *
     * @param configPlace the configuration's file, for messages
     * @param config the configuration
     * @param functions the built-in functions, by name
     * @param assembler collects and names nodes
     * @param operators for weights and values of the graph
     */
    Evaluator(
            String configPlace,
            Value.Fields config,
            Map<String, Function> functions,
            Assembler assembler,
            BinaryOperators operators) {
        this.configPlace = configPlace;
        this.config = config;
        this.functions = functions;
        this.assembler = assembler;
        this.operators = operators;
        globals.put("config", config);
    }

    /** Makes a value known everywhere. */
    void define(String name, Value value) {
        globals.put(name, value);
    }

    /** Runs a file's body. */
    void run(List<Statement> body) {
        block(body, globals);
    }

    /** Evaluates an expression with some variables. */
    Value evaluate(Expression expression, Map<String, Value> variables) {
        return value(expression, variables);
    }

    private Value block(List<Statement> statements, Map<String, Value> locals) {
        for (Statement statement : statements) {
            Value returned = statement(statement, locals);
            if (returned != NO_RETURN) {
                return returned;
            }
        }
        return NO_RETURN;
    }

    private Value statement(Statement statement, Map<String, Value> locals) {
        switch (statement) {
            case Statement.Assign assign -> assign(assign, locals);
            case Statement.Run(Expression value, Place place) -> value(value, locals);
            case Statement.Define define -> locals.put(define.name(), new Value.Closure(define));
            case Statement.Return(Expression value, Place place) -> {
                return value == null ? new Value.Null(null) : value(value, locals);
            }
            case Statement.For loop -> {
                for (Value item : items(loop.items(), locals)) {
                    locals.put(loop.name(), item);
                    Value returned = block(loop.body(), locals);
                    if (returned != NO_RETURN) {
                        return returned;
                    }
                }
            }
            case Statement.If(List<Statement.Branch> branches, Place place) -> {
                for (Statement.Branch branch : branches) {
                    if (branch.condition() == null || Arithmetic.truth(value(branch.condition(), locals))) {
                        return block(branch.body(), locals);
                    }
                }
            }
            case Statement.Scope(Expression name, List<Statement> body, Place place) -> {
                assembler.enter(text(name, locals));
                Value returned = block(body, locals);
                assembler.leave();
                return returned;
            }
        }
        return NO_RETURN;
    }

    private void assign(Statement.Assign assign, Map<String, Value> locals) {
        Value value = value(assign.value(), locals);
        List<String> names = assign.names();
        if (names.size() == 1) {
            put(names.getFirst(), value, locals);
            return;
        }
        if (!(value instanceof Value.Items(List<Value> parts, String origin)) || parts.size() != names.size()) {
            throw problem(
                    assign.place(),
                    "has "
                            + (value instanceof Value.Items list ? list.values().size() + " values" : value.kind())
                            + " for " + names.size() + " variables: " + String.join(", ", names));
        }
        for (int i = 0; i < names.size(); i++) {
            put(names.get(i), parts.get(i), locals);
        }
    }

    private void put(String name, Value value, Map<String, Value> locals) {
        locals.put(name, value);
        if (value instanceof Value.Node node) {
            assembler.assigned(node, name);
        }
    }

    private List<Value> items(Expression expression, Map<String, Value> locals) {
        Value value = value(expression, locals);
        if (value instanceof Value.Items(List<Value> items, String origin)) {
            return items;
        }
        throw blame(Fault.value(value, "expected a list"), expression.place());
    }

    private String text(Expression expression, Map<String, Value> locals) {
        Value value = value(expression, locals);
        if (value instanceof Value.Text(String text, String origin)) {
            return text;
        }
        throw blame(Fault.value(value, "expected a string"), expression.place());
    }

    private Value value(Expression expression, Map<String, Value> locals) {
        if (++steps > MAX_STEPS) {
            throw problem(expression.place(), "takes more than " + MAX_STEPS + " steps; does it end?");
        }
        try {
            return switch (expression) {
                case Expression.Literal(Value value, Place place) -> value;
                case Expression.Template(List<Object> parts, Place place) -> template(parts, locals);
                case Expression.Name(String name, Place place) -> variable(name, locals);
                case Expression.Listed(List<Expression> items, Place place) -> {
                    List<Value> values = new ArrayList<>();
                    for (Expression item : items) {
                        values.add(value(item, locals));
                    }
                    yield new Value.Items(values, null);
                }
                case Expression.Comprehension comprehension -> comprehension(comprehension, locals);
                case Expression.Fielded(List<String> keys, List<Expression> values, Place place) -> {
                    Map<String, Value> fields = new LinkedHashMap<>();
                    for (int i = 0; i < keys.size(); i++) {
                        fields.put(keys.get(i), value(values.get(i), locals));
                    }
                    yield new Value.Fields(fields, null);
                }
                case Expression.Member(Expression target, String key, Place place) ->
                    member(value(target, locals), key);
                case Expression.Index(Expression target, Expression index, Place place) ->
                    index(value(target, locals), value(index, locals));
                case Expression.Call call -> call(call, locals);
                case Expression.Unary(String operator, Expression operand, Place place) ->
                    unary(operator, value(operand, locals));
                case Expression.Binary binary -> binary(binary, locals);
                case Expression.Choice(Expression condition, Expression then, Expression otherwise, Place place) ->
                    value(Arithmetic.truth(value(condition, locals)) ? then : otherwise, locals);
                case Expression.Named(Expression named, Expression name, Place place) -> {
                    Value value = value(named, locals);
                    if (!(value instanceof Value.Node node)) {
                        throw Fault.author("'as' names a value of the graph, not " + value.kind());
                    }
                    assembler.name(node, text(name, locals));
                    yield node;
                }
            };
        } catch (Fault fault) {
            throw blame(fault, expression.place());
        } catch (InvalidGraphException e) {
            throw new InvalidInputException(
                    configPlace + ": gives no valid graph: " + e.getMessage() + " (" + trace(expression.place()) + ")",
                    e);
        } catch (ArithmeticException e) {
            throw new InvalidInputException(
                    configPlace + ": leads to a number that is too large (" + trace(expression.place()) + ")", e);
        }
    }

    private Value template(List<Object> parts, Map<String, Value> locals) {
        StringBuilder text = new StringBuilder();
        for (Object part : parts) {
            text.append(part instanceof Expression inner ? value(inner, locals).text() : (String) part);
            Arithmetic.checked(text.toString());
        }
        return new Value.Text(text.toString(), null);
    }

    private Value variable(String name, Map<String, Value> locals) {
        Value value = locals.get(name);
        if (value == null) {
            value = globals.get(name);
        }
        if (value == null && functions.containsKey(name)) {
            value = new Value.BuiltIn(functions.get(name));
        }
        if (value == null) {
            List<String> known = new ArrayList<>(functions.keySet());
            known.addAll(globals.keySet());
            known.addAll(locals.keySet());
            throw Fault.author("there is no '" + name + "'" + NearestName.hint(name, known));
        }
        return value;
    }

    private Value comprehension(Expression.Comprehension comprehension, Map<String, Value> locals) {
        Map<String, Value> inner = new HashMap<>(locals);
        List<Value> values = new ArrayList<>();
        for (Value item : items(comprehension.items(), locals)) {
            inner.put(comprehension.variable(), item);
            if (comprehension.condition() == null || Arithmetic.truth(value(comprehension.condition(), inner))) {
                values.add(value(comprehension.item(), inner));
            }
        }
        return Arithmetic.items(values);
    }

    /** A key of an object; a missing key is a null that remembers which key it is. */
    private Value member(Value target, String key) {
        return switch (target) {
            case Value.Fields(Map<String, Value> values, String origin) -> {
                Value value = values.get(key);
                yield value != null ? value : new Value.Null(origin == null ? null : origin + key);
            }
            case Value.Null nothing -> new Value.Null(nothing.origin() == null ? null : nothing.origin() + "." + key);
            default -> throw Fault.value(target, "expected an object with a key '" + key + "'");
        };
    }

    private Value index(Value target, Value index) {
        if (index instanceof Value.Text(String key, String origin)) {
            return member(target, key);
        }
        if (target instanceof Value.Text(String text, String origin)) {
            List<Value> letters = new ArrayList<>();
            text.chars().forEach(letter -> letters.add(new Value.Text(String.valueOf((char) letter), null)));
            return index(new Value.Items(letters, origin), index);
        }
        if (target instanceof Value.Items(List<Value> items, String origin)) {
            if (!(index instanceof Value.Whole(long at, String other))) {
                throw Fault.value(index, "expected a whole number as an index");
            }
            long place = at < 0 ? at + items.size() : at;
            if (place < 0 || place >= items.size()) {
                throw Fault.value(target, "expected more than " + items.size() + " items, at least " + (at + 1));
            }
            return items.get((int) place);
        }
        throw Fault.value(target, "expected a list");
    }

    private Value unary(String operator, Value operand) {
        if (operator.equals("not")) {
            return Value.of(!Arithmetic.truth(operand));
        }
        return inGraph(operand) ? operators.apply("*", operand, Value.of(-1)) : Arithmetic.negate(operand);
    }

    private Value binary(Expression.Binary binary, Map<String, Value> locals) {
        Value left = value(binary.left(), locals);
        switch (binary.operator()) {
            case "and" -> {
                return Arithmetic.truth(left) ? value(binary.right(), locals) : left;
            }
            case "or" -> {
                return Arithmetic.truth(left) ? left : value(binary.right(), locals);
            }
            case "??" -> {
                return left instanceof Value.Null ? value(binary.right(), locals) : left;
            }
            default -> {}
        }
        Value right = value(binary.right(), locals);
        boolean computed = "+-*/".contains(binary.operator()) && (inGraph(left) || inGraph(right));
        return computed
                ? operators.apply(binary.operator(), left, right)
                : Arithmetic.apply(binary.operator(), left, right);
    }

    private static boolean inGraph(Value value) {
        return value instanceof Value.Node || value instanceof Value.Weight;
    }

    private Value call(Expression.Call call, Map<String, Value> locals) {
        Value callee = callee(call.function(), locals);
        List<Value> positional = new ArrayList<>();
        Map<String, Value> named = new LinkedHashMap<>();
        for (Expression.Argument argument : call.arguments()) {
            Value value = value(argument.value(), locals);
            if (argument.name() == null) {
                positional.add(value);
            } else if (named.put(argument.name(), value) != null) {
                throw Fault.author("the argument '" + argument.name() + "' is given twice");
            }
        }
        return switch (callee) {
            case Value.BuiltIn(Function function) -> function.call(positional, named);
            case Value.Closure(Statement.Define definition) -> apply(definition, positional, named, call.place());
            default -> throw Fault.author("calls " + callee.kind() + ", expected a function");
        };
    }

    /** A variable that holds no function doesn't hide the function of its name. */
    private Value callee(Expression function, Map<String, Value> locals) {
        if (function instanceof Expression.Name(String name, Place place)) {
            if (locals.get(name) instanceof Value.Closure closure) {
                return closure;
            }
            if (globals.get(name) instanceof Value.Closure closure) {
                return closure;
            }
            if (functions.containsKey(name)) {
                return new Value.BuiltIn(functions.get(name));
            }
        }
        return value(function, locals);
    }

    private Value apply(Statement.Define function, List<Value> positional, Map<String, Value> named, Place place) {
        if (calls.size() >= MAX_DEPTH) {
            throw Fault.author("functions call each other more than " + MAX_DEPTH + " deep");
        }
        List<Statement.Parameter> parameters = function.parameters();
        if (positional.size() > parameters.size()) {
            throw Fault.author(function.name() + " has " + positional.size() + " arguments, expected at most "
                    + parameters.size());
        }
        Map<String, Value> locals = new HashMap<>();
        for (int i = 0; i < parameters.size(); i++) {
            Statement.Parameter parameter = parameters.get(i);
            Value value = i < positional.size() ? positional.get(i) : named.remove(parameter.name());
            if (value == null && parameter.absent() == null) {
                throw Fault.author(function.name() + " needs '" + parameter.name() + "'");
            }
            locals.put(parameter.name(), value != null ? value : value(parameter.absent(), locals));
        }
        if (!named.isEmpty()) {
            throw Fault.author(function.name() + " has no parameter '"
                    + named.keySet().iterator().next() + "' to take, only "
                    + String.join(
                            ", ",
                            parameters.stream().map(Statement.Parameter::name).toList()));
        }
        calls.push(place);
        Value returned = block(function.body(), locals);
        calls.pop();
        return returned == NO_RETURN ? new Value.Null(null) : returned;
    }

    /** The message of a fault: about the configuration if the value came from there, else about the family file. */
    private InvalidInputException blame(Fault fault, Place place) {
        Value about = fault.about();
        if (fault.user()) {
            return new InvalidInputException(configPlace + ": " + fault.getMessage() + " (" + trace(place) + ")");
        }
        if (about == null || about.origin() == null) {
            String found = about == null ? "" : "found " + about.kind() + ", ";
            return problem(place, found + fault.getMessage());
        }
        return new InvalidInputException(configPlace + ": key " + InvalidInputException.quoted(key(about)) + " "
                + state(about) + ", " + fault.getMessage() + " (" + trace(place) + ")");
    }

    private static String key(Value value) {
        String origin = value.origin();
        return origin.endsWith(".") ? origin.substring(0, origin.length() - 1) : origin;
    }

    private String state(Value value) {
        return switch (value) {
            case Value.Null(String origin) -> absence(origin);
            case Value.Text(String text, String origin) -> "is " + InvalidInputException.quoted(text);
            default -> "is " + value.text();
        };
    }

    /** Whether a key is missing or null, with the nearest key beside it. */
    private String absence(String path) {
        Value.Fields at = config;
        String rest = path.startsWith(config.origin())
                ? path.substring(config.origin().length())
                : path;
        for (int point = rest.indexOf('.'); point >= 0; point = rest.indexOf('.')) {
            if (!(at.values().get(rest.substring(0, point)) instanceof Value.Fields inner)) {
                return "is missing";
            }
            at = inner;
            rest = rest.substring(point + 1);
        }
        return at.values().containsKey(rest)
                ? "is null"
                : "is missing" + NearestName.hint(rest, at.values().keySet());
    }

    private InvalidInputException problem(Place place, String problem) {
        return new InvalidInputException(
                place + ": " + problem + (calls.isEmpty() ? "" : " (called from " + calls.peek() + ")"));
    }

    private String trace(Place place) {
        return calls.isEmpty() ? place.toString() : place + ", called from " + calls.peek();
    }
}
