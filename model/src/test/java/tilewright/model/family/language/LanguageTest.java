package tilewright.model.family.language;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Node;

/** What expressions and statements mean, and how values get their names. */
class LanguageTest {
    private static final String CONFIG = """
            {"n": 4, "half": 0.5, "none": null, "act": "silu", "types": ["full", "window", "full"],
             "rope": {"theta": 10000.0}, "infinite": {"__float__": "Infinity"}}""";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            1 + 2 * 3 | 7
            (1 + 2) * 3 | 9
            7 / 2 | 3.5
            7 // 2 | 3
            -7 // 2 | -4
            -7 % 4 | 1
            2 ** 10 | 1024
            2 ** -1 | 0.5
            -2 ** 2 | -4
            2 ** 3 ** 2 | 512
            1_000 + 1e3 | 2000.0
            10 - 2 - 3 | 5
            config.n * config.half | 2.0
            config.rope.theta | 10000.0
            config["n"] | 4
            config.types[1] | window
            config.types[-1] | full
            config.act[0] + config.act[-1] | su
            config.nothing ?? 3 | 3
            config.none ?? 3 | 3
            config.nothing.inside ?? 3 | 3
            config.n ?? 3 + 1 == 4 | true
            config.infinite | Infinity
            1 if config.none else 2 | 2
            config.none or "x" | x
            0 or [] or 5 | 5
            1 and 2 | 2
            not config.none | true
            1 < 2 and not 2 < 1 | true
            2 in [1, 2] | true
            3 not in [1, 2] | true
            "n" in config | true
            "ell" in "hello" | true
            1 == 1.0 | true
            [1, "a", null] == [1.0, "a", config.none] | true
            "1" == 1 | false
            "a{1 + 1}b{config.act}" | a2bsilu
            "{config.n}" + "x" | 4x
            len(config.types) + len("abc") | 6
            [i * i for i in range(5) if i % 2 == 0] | [0, 4, 16]
            range(2, 5) | [2, 3, 4]
            [1, 2] + [3] | [1, 2, 3]
            [1, 2] * 2 | [1, 2, 1, 2]
            max(1, 2.5) | 2.5
            min([3, 1, 2]) | 1
            sum([1, 2, 3]) | 6
            floor(-1.5) | -2
            int(-1.5) | -1
            ceil(1.2) | 2
            round(2.5) | 2
            sqrt(16) | 4.0
            log(exp(2)) | 2.0
            {"a": {"b": 7}}.a.b | 7
            expect(config.act, ["silu"]) | silu
            is_list(config.types) and is_object(config.rope) | true
            starts_with(config.act, "si") | true
            """)
    void anExpressionHasTheValueOfItsDefinition(String expression, String value) throws Exception {
        assertEquals(value, run("result = " + expression + "\n", "result"));
    }

    @Test
    void blocksRunAsTheyAreIndented() throws Exception {
        String text = """
                def count(items, wanted="full"):
                    n = 0
                    for item in items:
                        # A comment, and an empty line.

                        if item == wanted:
                            n = n + 1
                        elif item == "stop":
                            return n
                        else:
                            n = n + 0
                    return n

                def pair(a,
                         b=2):
                    return a, b

                first, second = pair(1)
                result = "{count(config.types)} {count(config.types, wanted="x")} {first} {second}"
                """.replace("wanted=\"x\"", "first");
        assertEquals("2 0 1 2", run(text, "result"));
    }

    @Test
    void aVariableDoesNotHideAFunctionInACall() throws Exception {
        assertEquals("3", run("len = [1, 2, 3]\nresult = len(len)\n", "result"));
    }

    @Test
    void valuesAreCalledAsTheFileSaysOrAfterVariables() throws Exception {
        String text = """
                x = embed(token_ids(), weight("table")) as "embed"
                for i in range(2):
                    scope "block{i}":
                        h = rms_norm(x, epsilon=1e-6)
                        a, b = split_heads(h, 1, [2, 2])
                        x = x + join_heads([activate(b, "silu"), a], 1, [2, 2])
                        ids, weights = router(x, weight("gate"), 1)
                    x = x as "block{i}"
                output("logits", x)
                """;
        Graph graph = builder(text).build().graph();
        List<String> names = new ArrayList<>();
        for (Node node : graph.nodes()) {
            names.add(node.name() + (node.outputs().size() == 1 ? "" : node.outputs()));
        }
        assertEquals(
                List.of(
                        "embed",
                        "block0.h",
                        "block0.split_heads[block0.a, block0.b]",
                        "block0.activate",
                        "block0.join_heads",
                        "block0",
                        "block0.router[block0.router.ids, block0.router.weights]",
                        "block1.h",
                        "block1.split_heads[block1.a, block1.b]",
                        "block1.activate",
                        "block1.join_heads",
                        "block1",
                        "block1.router[block1.router.ids, block1.router.weights]"),
                names);
        assertEquals(Map.of("logits", "block1"), graph.outputs());
    }

    @Test
    void defaultsFillWhatIsMissingOrNullAndAFamilyGoesBeforeWhatItUses() throws Exception {
        Map<String, String> texts = Map.of("f", """
                use shared
                defaults:
                    a = 1
                    n = 9
                    none = 2
                def name():
                    return "family"
                x = embed(token_ids(), weight("table"))
                output("logits", x as "a{config.a}n{config.n}{config.none}b{config.b}c{config.c}{greeting()}")
                """, "shared", """
                defaults:
                    a = 5
                    b = config.a + 1
                    none ??= 7
                    c ??= 8
                def name():
                    return "shared"
                def greeting():
                    return name()
                """);
        Graph graph = builder(texts).build().graph();
        assertEquals(Map.of("logits", "a1n47b2c8family"), graph.outputs());
    }

    @Test
    void settingsFromGgufMetadataAreOnlyForGgufFiles() throws Exception {
        String text = """
                gguf config:
                    missing = meta("missing")
                defaults:
                    missing = 3
                x = embed(token_ids(), weight("table"))
                output("logits", x as "a{config.missing}")
                """;
        assertEquals(Map.of("logits", "a3"), builder(text).build().graph().outputs());
    }

    private static ModelBuilder builder(String text) throws Exception {
        return builder(Map.of("f", text));
    }

    private static ModelBuilder builder(Map<String, String> texts) throws Exception {
        FamilyLibrary library = FamilyLibrary.of(texts);
        InMemoryTensors tensors =
                new InMemoryTensors().counting("table", 0, 8L, 4L).counting("gate", 0, 3L, 4L);
        return new ModelBuilder(
                "config.json",
                library.file("f"),
                library,
                Config.fields(new ObjectMapper().readTree(CONFIG), ""),
                tensors,
                null,
                null);
    }

    private static String run(String text, String variable) throws Exception {
        Map<String, Function> functions = new HashMap<>();
        Functions.functions(new ArrayList<>()).forEach(function -> functions.put(function.name(), function));
        Value.Fields config = Config.fields(new ObjectMapper().readTree(CONFIG), "");
        Evaluator evaluator = new Evaluator("config.json", config, functions, new Assembler("f"), (o, a, b) -> null);
        FamilyFile file = FileParser.parse("f", text);
        evaluator.run(file.body());
        return evaluator
                .evaluate(new Expression.Name(variable, new Expression.Place("f.family", 0)), Map.of())
                .text();
    }
}
