package tilewright.model.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.InvalidInputException;

/**
 * Templates written for this project in the manner of published ones, against what jinja2 3.1 with the settings of
 * transformers 5.18 makes of them.
 */
class ChatTemplateTest {
    private static final Clock CLOCK =
            Clock.fixed(ZonedDateTime.of(2025, 3, 7, 9, 5, 2, 0, ZoneOffset.UTC).toInstant(), ZoneOffset.UTC);

    @TestFactory
    Stream<DynamicTest> conversationsAreWrittenAsTheReferenceWritesThem() throws IOException {
        Map<String, List<Map<String, Object>>> cases = read("conversations.json", new TypeReference<>() {});
        return cases.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    ChatTemplate template = ChatTemplate.parse(entry.getKey(), resource(entry.getKey()), Map.of());
                    for (Map<String, Object> expected : entry.getValue()) {
                        check(template, expected);
                    }
                }));
    }

    private static void check(ChatTemplate template, Map<String, Object> expected) {
        Map<String, Object> variables = new LinkedHashMap<>(map(expected.get("variables")));
        boolean prompt = (Boolean) variables.remove("add_generation_prompt");
        List<Message> messages = new ArrayList<>();
        for (Object message : (List<?>) expected.get("messages")) {
            Map<String, Object> more = new LinkedHashMap<>(map(message));
            String role = (String) more.remove("role");
            String content = more.get("content") instanceof String text ? text : null;
            if (content != null) {
                more.remove("content");
            }
            messages.add(new Message(role, content, more));
        }
        if (expected.containsKey("output")) {
            assertEquals(expected.get("output"), template.render(messages, prompt, variables, CLOCK));
        } else {
            InvalidInputException refused = assertThrows(
                    InvalidInputException.class, () -> template.render(messages, prompt, variables, CLOCK));
            assertTrue(refused.getMessage().endsWith((String) expected.get("refused")), refused.getMessage());
        }
    }

    @Test
    void expressionsMeanWhatTheyMeanToTheReference() throws IOException {
        Map<String, Object> all = read("expressions.json", new TypeReference<>() {});
        Map<String, Object> variables = map(all.get("variables"));
        for (Object element : (List<?>) all.get("cases")) {
            Map<String, Object> expected = map(element);
            String source = (String) expected.get("t");
            if (expected.containsKey("o")) {
                assertEquals(expected.get("o"), render(source, variables), source);
            } else {
                assertThrows(InvalidInputException.class, () -> render(source, variables), source);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '@', quoteCharacter = '`', textBlock = """
            a{{ x.y }} @ 1: 'x' is undefined
            {% if a @ 1: tag without '%}'
            {% if a %}b @ 1: block without elif or else or endif
            {{ 1 + 'a' }} @ 1: '+' is not defined for an integer and a string
            {{ 'a'|uper }} @ 1: there is no filter 'uper'; did you mean 'upper'?
            {{ a is defned }} @ 1: there is no test 'defned'; did you mean 'defined'?
            {{ raise_exception('no') }} @ 1: no
            {% include 'x' %} @ 1: block 'include' is not supported, expected one of if, for, set, macro, call, filter, with, generation, raw, break, continue
            {{ 10 // 0 }} @ 1: division by zero
            {{ range(1000000) }} @ 1: range of more than 100000 items
            {{ 'a' * 100000000 }} @ 1: string of more than 67108864 characters
            {{ [].append(1) }} @ 1: 'append' would change a value, and lists in templates do not change; make a new one with '+' or a namespace
            {% macro m() %}{{ m() }}{% endmacro %}{{ m() }} @ 1: macros call each other deeper than 100
            {{ 9223372036854775807 + 1 }} @ 1: integer overflow in '+'
            {{ 99999999999999999999 }} @ 1: integer '99999999999999999999' is out of range
            {{ (1 }} @ 1: tag without '}}'
            {{ none|items }} @ 1: items needs a mapping, was given none
            """)
    void aWrongTemplateIsRefusedWithItsLine(String source, String message) {
        InvalidInputException refused = assertThrows(InvalidInputException.class, () -> render(source, Map.of()));
        assertEquals("file: chat template, line " + message, refused.getMessage());
    }

    @Test
    void theLineIsThatOfTheTag() {
        InvalidInputException refused = assertThrows(
                InvalidInputException.class,
                () -> render("a\n{% if true %}\n\n  {{ none.x.y }}\n{% endif %}", Map.of()));
        assertEquals("file: chat template, line 4: 'x' of none is undefined", refused.getMessage());
    }

    @Test
    void workIsBounded() {
        String loops = "{% for a in range(100000) %}{% for b in range(100000) %}{{ 1 }}{% endfor %}{% endfor %}";
        InvalidInputException steps = assertThrows(InvalidInputException.class, () -> render(loops, Map.of()));
        assertTrue(steps.getMessage().contains("template takes more than 20000000 steps"), steps.getMessage());
        String doubling =
                "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}";
        InvalidInputException length = assertThrows(InvalidInputException.class, () -> render(doubling, Map.of()));
        assertTrue(length.getMessage().contains("string of more than 67108864 characters"), length.getMessage());
        String nesting = "{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}";
        assertThrows(InvalidInputException.class, () -> render(nesting, Map.of()));
        String nots = "{{ " + "not ".repeat(5000) + "1 }}";
        assertThrows(InvalidInputException.class, () -> render(nots, Map.of()));
        String deep = "{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}";
        assertThrows(InvalidInputException.class, () -> render(deep + "{{ ns.l }}", Map.of()));
        assertThrows(InvalidInputException.class, () -> render(deep + "{{ ns.l|tojson }}", Map.of()));
        assertThrows(InvalidInputException.class, () -> render(deep + "{{ ns.l == [ns.l] }}", Map.of()));
    }

    @Test
    void whatIsUndefinedIsEmptyToFilters() {
        assertEquals("[][]0[]", render("{{ x|sort }}{{ x|unique|list }}{{ x|sum }}{{ x|reverse|list }}", Map.of()));
    }

    @Test
    void variablesGivenInRenderingGoBeforeThoseOfTheModel() {
        ChatTemplate template = ChatTemplate.parse("file", "{{ bos_token }}", Map.of("bos_token", "<s>"));
        assertEquals("<s>", template.render(List.of(), false, Map.of()));
        assertEquals("", template.render(List.of(), false, Map.of("bos_token", "")));
    }

    private static String render(String source, Map<String, Object> variables) {
        return ChatTemplate.parse("file", source, Map.of()).render(List.of(), false, variables, CLOCK);
    }

    private static <T> T read(String name, TypeReference<T> type) throws IOException {
        return new ObjectMapper().readValue(resource(name), type);
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = ChatTemplateTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Map<String, Object> map(Object value) {
        Map<String, Object> map = new LinkedHashMap<>();
        ((Map<?, ?>) value).forEach((key, item) -> map.put((String) key, item));
        return map;
    }
}
