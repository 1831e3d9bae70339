package tilewright.model.chat;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.model.InvalidInputException;

/**
 * How a model wants a conversation to be written: a template in the subset of Jinja that chat templates use, rendered as
 * the reference implementation does (blocks trimmed, undefined values empty, nothing but text made).
 *
 * <p>Immutable. A template is untrusted: it can read nothing but what it is given, and how much it computes, nests and
 * writes is bounded.
 */
public final class ChatTemplate {
    private static final int MAX_CHARACTERS = 4 << 20;

    private final String name;
    private final String source;
    private final List<Statement> statements;
    private final Map<String, Object> defaults;

    private ChatTemplate(String name, String source, List<Statement> statements, Map<String, Object> defaults) {
        this.name = name;
        this.source = source;
        this.statements = statements;
        this.defaults = defaults;
    }

    /**
     * Reads a template.
     *
     * @param name what to call it in messages, such as the file that it is from
     * @param defaults variables that it has unless they are given in rendering, such as {@code bos_token}
     * @throws InvalidInputException with the line, if it is wrong or uses what is not supported
     */
    public static ChatTemplate parse(String name, String source, Map<String, Object> defaults) {
        if (source.length() > MAX_CHARACTERS) {
            throw new InvalidInputException(name + ": " + source.length() + " characters exceed the limit of "
                    + MAX_CHARACTERS + " for a chat template");
        }
        try {
            Map<String, Object> values = new LinkedHashMap<>();
            defaults.forEach((key, value) -> values.put(key, Values.from(value)));
            return new ChatTemplate(name, source, StatementParser.parse(source), values);
        } catch (TemplateException e) {
            throw failure(name, e);
        }
    }

    /** The template as it was read. */
    public String source() {
        return source;
    }

    /**
     * Writes a conversation.
     *
     * @param addGenerationPrompt whether to end with the beginning of the assistant's answer
     * @param variables further variables that the template may read, such as {@code tools} or {@code enable_thinking}:
     *     strings, numbers, booleans, null, lists and maps of those
     * @throws InvalidInputException with the line and the reason, if the template refuses the conversation or fails
     */
    public String render(List<Message> messages, boolean addGenerationPrompt, Map<String, Object> variables) {
        return render(messages, addGenerationPrompt, variables, Clock.systemDefaultZone());
    }

    /** The same at a given time, which some templates write. */
    String render(List<Message> messages, boolean addGenerationPrompt, Map<String, Object> variables, Clock clock) {
        Scope globals = new Scope(null);
        Globals.define(globals, ZonedDateTime.now(clock));
        Scope scope = new Scope(globals);
        defaults.forEach(scope::set);
        scope.set("tools", null);
        scope.set("documents", null);
        variables.forEach((key, value) -> scope.set(key, Values.from(value)));
        List<Object> list = new ArrayList<>();
        for (Message message : messages) {
            Map<Object, Object> fields = new LinkedHashMap<>();
            fields.put("role", message.role());
            if (message.content() != null || !message.more().containsKey("content")) {
                fields.put("content", message.content());
            }
            message.more().forEach((key, value) -> fields.put(key, Values.from(value)));
            list.add(fields);
        }
        scope.set("messages", list);
        scope.set("add_generation_prompt", addGenerationPrompt);
        try {
            return Interpreter.render(statements, scope);
        } catch (TemplateException e) {
            throw failure(name, e);
        }
    }

    private static InvalidInputException failure(String name, TemplateException e) {
        return new InvalidInputException(
                name + ": chat template" + (e.line() > 0 ? ", line " + e.line() : "") + ": " + e.getMessage(), e);
    }
}
