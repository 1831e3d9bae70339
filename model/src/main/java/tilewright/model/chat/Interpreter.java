package tilewright.model.chat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the statements of a template. */
final class Interpreter {
    private static final int MAX_CALLS = 100;

    private final Evaluator evaluator = new Evaluator();
    private StringBuilder out = new StringBuilder();
    private int calls;
    /** How a body ended. */
    private enum End {
        NORMAL,
        BREAK,
        CONTINUE
    }

    /** What a template renders to. */
    static String render(List<Statement> template, Scope scope) {
        Interpreter interpreter = new Interpreter();
        interpreter.run(template, scope);
        return interpreter.out.toString();
    }

    /** A value that can be a key of a mapping. */
    static Object key(Object value) {
        if (value == null || value instanceof String || Values.isNumber(value)) {
            return value;
        }
        throw new TemplateException(Values.kind(value) + " cannot be the key of a mapping");
    }

    private End run(List<Statement> body, Scope scope) {
        for (Statement statement : body) {
            End end;
            try {
                end = run(statement, scope);
            } catch (TemplateException e) {
                throw e.at(statement.line());
            }
            if (end != End.NORMAL) {
                return end;
            }
        }
        return End.NORMAL;
    }

    private End run(Statement statement, Scope scope) {
        switch (statement) {
            case Statement.Text text -> print(text.text());
            case Statement.Print print -> print(Values.text(evaluator.value(print.value(), scope)));
            case Statement.If choice -> {
                for (int i = 0; i < choice.conditions().size(); i++) {
                    if (Values.isTrue(evaluator.value(choice.conditions().get(i), scope))) {
                        return run(choice.bodies().get(i), scope);
                    }
                }
            }
            case Statement.For loop -> loop(loop, evaluator.value(loop.items(), scope), scope, 0);
            case Statement.Set set -> assign(set.target(), evaluator.value(set.value(), scope), scope);
            case Statement.SetBlock set -> {
                Object text = captured(() -> run(set.body(), new Scope(scope)));
                assign(set.target(), filtered(set.filter(), text, scope), scope);
            }
            case Statement.Macro macro ->
                scope.set(macro.name(), macro(macro.name(), macro.parameters(), macro.defaults(), macro.body(), scope));
            case Statement.CallBlock call -> call(call, scope);
            case Statement.FilterBlock filter -> {
                Object text = captured(() -> run(filter.body(), new Scope(scope)));
                print(Values.text(filtered(filter.filter(), text, scope)));
            }
            case Statement.With with -> {
                Scope inner = new Scope(scope);
                for (int i = 0; i < with.names().size(); i++) {
                    inner.set(with.names().get(i), evaluator.value(with.values().get(i), scope));
                }
                return run(with.body(), inner);
            }
            case Statement.Break end -> {
                return End.BREAK;
            }
            case Statement.Continue next -> {
                return End.CONTINUE;
            }
        }
        return End.NORMAL;
    }

    private void print(String text) {
        if (out.length() + (long) text.length() > Values.MAX_LENGTH) {
            throw new TemplateException("template renders to more than " + Values.MAX_LENGTH + " characters");
        }
        out.append(text);
    }

    private String captured(Runnable body) {
        StringBuilder outer = out;
        out = new StringBuilder();
        try {
            body.run();
            return out.toString();
        } finally {
            out = outer;
        }
    }

    /** Applies the filters of a block to its text, the innermost first. */
    private Object filtered(Expression filter, Object text, Scope scope) {
        if (!(filter instanceof Expression.Filter step)) {
            return text;
        }
        Object value = step.value() == null ? text : filtered(step.value(), text, scope);
        return Filters.apply(step.name(), value, evaluator.given(step.arguments(), scope));
    }

    private void loop(Statement.For loop, Object value, Scope scope, int depth) {
        List<Object> items = Values.items(value);
        if (loop.filter() != null) {
            List<Object> kept = new ArrayList<>();
            for (Object item : items) {
                Scope inner = new Scope(scope);
                assign(loop.target(), item, inner);
                if (Values.isTrue(evaluator.value(loop.filter(), inner))) {
                    kept.add(item);
                }
            }
            items = kept;
        }
        if (items.isEmpty()) {
            run(loop.otherwise(), new Scope(scope));
            return;
        }
        Callable again = loop.recursive() ? given -> again(loop, given, scope, depth + 1) : null;
        Loop state = new Loop(items, depth, again);
        for (int i = 0; i < items.size(); i++) {
            state.moveTo(i);
            Scope inner = new Scope(scope);
            inner.set("loop", state);
            assign(loop.target(), items.get(i), inner);
            if (run(loop.body(), inner) == End.BREAK) {
                break;
            }
        }
    }

    private Object again(Statement.For loop, Given given, Scope scope, int depth) {
        Object items = given.bind("loop", "items")[0];
        return entered(() -> captured(() -> loop(loop, items, scope, depth)));
    }

    private void assign(Statement.Target target, Object value, Scope scope) {
        switch (target) {
            case Statement.Target.Variable variable -> scope.set(variable.name(), value);
            case Statement.Target.Member member -> {
                if (!(scope.get(member.namespace()) instanceof Namespace namespace)) {
                    throw new TemplateException("'" + member.namespace() + "' is not a namespace; attributes of other"
                            + " values cannot be set");
                }
                namespace.values().put(member.name(), value);
            }
            case Statement.Target.Several several -> {
                List<Object> items = Values.items(value);
                if (items.size() != several.parts().size()) {
                    throw new TemplateException(
                            items.size() + " values for " + several.parts().size() + " names");
                }
                for (int i = 0; i < items.size(); i++) {
                    assign(several.parts().get(i), items.get(i), scope);
                }
            }
        }
    }

    private Callable macro(
            String name, List<String> parameters, List<Expression> defaults, List<Statement> body, Scope scope) {
        return given -> entered(() -> {
            Scope inner = new Scope(scope);
            Map<String, Object> named = new HashMap<>(given.named());
            int required = parameters.size() - defaults.size();
            for (int i = 0; i < parameters.size(); i++) {
                String parameter = parameters.get(i);
                if (i < given.positional().size()) {
                    inner.set(parameter, given.positional().get(i));
                    if (named.containsKey(parameter)) {
                        throw new TemplateException(name + " was given the argument '" + parameter + "' twice");
                    }
                } else if (named.containsKey(parameter)) {
                    inner.set(parameter, named.remove(parameter));
                } else {
                    inner.set(
                            parameter,
                            i < required
                                    ? new Undefined("parameter '" + parameter + "' of " + name)
                                    : evaluator.value(defaults.get(i - required), inner));
                }
            }
            inner.set("caller", named.containsKey("caller") ? named.remove("caller") : new Undefined("'caller'"));
            int taken = Math.min(parameters.size(), given.positional().size());
            inner.set(
                    "varargs",
                    given.positional().subList(taken, given.positional().size()));
            inner.set("kwargs", new LinkedHashMap<Object, Object>(named));
            return captured(() -> run(body, inner));
        });
    }

    private void call(Statement.CallBlock block, Scope scope) {
        Callable caller = macro("caller", block.parameters(), block.defaults(), block.body(), scope);
        Given given = evaluator.given(block.call().arguments(), scope);
        Map<String, Object> named = new LinkedHashMap<>(given.named());
        named.put("caller", caller);
        if (!(evaluator.value(block.call().function(), scope) instanceof Callable function)) {
            throw new TemplateException("only a macro can be called with a block");
        }
        print(Values.text(function.call(new Given(given.positional(), named))));
    }

    private Object entered(java.util.function.Supplier<Object> body) {
        if (++calls > MAX_CALLS) {
            throw new TemplateException("macros call each other deeper than " + MAX_CALLS);
        }
        try {
            return body.get();
        } finally {
            calls--;
        }
    }
}
