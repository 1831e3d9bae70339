package tilewright.model.family.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.InvalidInputException;

/** Mistakes of family files, configurations and checkpoints, and the exact messages that they give. */
class FamilyErrorsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a = 1 + | f.family:1: found the end of the line, expected a value
            a = (1 + 2 | f.family:1: a bracket is not closed
            a = 1) | f.family:1: ')' closes nothing
            a = 'b' | f.family:1: has the character ''', which means nothing here; strings stand in double quotes
            a = "b | f.family:1: a string does not end on its line
            a = "x{1" | f.family:1: "x{1" has '{' without '}'
            a = "x{1 2}" | f.family:1: found '2', expected '}'
            if true:/\ta = 1 | f.family:2: has a tab; indent by spaces
            if true:/a = 1 | f.family:2: found 'a', expected an indented line
            a = 1/  b = 2 | f.family:2: is indented, but the line before opens no block
            if true:/    a = 1/  b = 2 | f.family:3: is indented by 2 spaces, expected 0 as the lines before it that it belongs to
            for i range(3):/  a = i | f.family:1: found 'range', expected 'in'
            def f(a, 1):/  return a | f.family:1: found '1', expected a parameter
            a = f(b=1, 2) | f.family:1: an argument without a name follows one with a name
            family "x" "y" | f.family:1: found "y", expected the end of the line
            defaults:/  a : 1 | f.family:2: found ':', expected '='
            gguf tensors:/  a = "b" | f.family:2: found 'a', expected a tensor name in double quotes
            use 3 | f.family:1: found '3', expected the end of the line
            """)
    void aFileThatDoesNotParseIsRefusedWithItsLine(String text, String message) {
        String source = lines(text);
        assertEquals(
                message,
                assertThrows(InvalidInputException.class, () -> FileParser.parse("f", source))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a = rnage(2) | f.family:1: there is no 'rnage'; did you mean 'range'?
            a, b = [1, 2, 3] | f.family:1: has 3 values for 2 variables: a, b
            a = [1][2] | f.family:1: found a list, expected more than 1 items, at least 3
            a = "x" + 1 | f.family:1: found a string, expected a number
            a = 5 % 0 | f.family:1: found a whole number, expected a divisor that is not 0
            a = 1/b = 2(a) | f.family:2: calls a whole number, expected a function
            a = sqrt(1, 2) | f.family:1: sqrt has 2 arguments, expected at most 1: x
            a = sqrt() | f.family:1: sqrt needs 'x'; its parameters are x
            a = sqrt(y=1) | f.family:1: sqrt has no parameter 'y', only x
            a = sqrt(1, x=1) | f.family:1: sqrt is given 'x' twice
            a = range(0.5) | f.family:1: range: 'from' is 0.5, expected a whole number of at least 0
            a = range(-1) | f.family:1: range: 'from' is -1, expected a whole number from 0 to 268435456
            def g(a):/  return a/b = g() | f.family:3: g needs 'a'
            def g(a):/  return a/b = g(1, 2) | f.family:3: g has 2 arguments, expected at most 1
            def g(a):/  return a/b = g(1, c=2) | f.family:3: g has no parameter 'c' to take, only a
            def g(a):/  return a + "x"/b = g(1) | f.family:2: found a string, expected a number (called from f.family:3)
            def g(a):/  return g(a)/b = g(1) | f.family:2: functions call each other more than 100 deep (called from f.family:2)
            for i in 3:/  a = i | f.family:1: found a whole number, expected a list
            for i in range(1000000):/  for j in range(1000000):/    a = 1 | f.family:3: takes more than 20000000 steps; does it end?
            a = 1 as "x" | f.family:1: 'as' names a value of the graph, not a whole number
            a = stacked("x", 2) | f.family:1: stacked: 'x' has no '*' for the expert's number
            a = take(weight("table"), 3, 0, 1) | f.family:1: cannot take 1 from 0 on of each of 3 groups in axis 0 of 'table' of shape [8, 4]
            a = reshape(weight("table"), [5, -1]) | f.family:1: cannot reshape 'table' of shape [8, 4] to [5, -1]
            a = constant([1, 2, 3], [2, 2]) | f.family:1: constant: 3 values do not fill the shape [2, 2]
            x = embed(token_ids(), weight("table"))/y = x as "a"/z = x as "b" | f.family:3: the value is called 'a' already, so it cannot be called 'b'
            a = 1 | f.family: gives no output "logits"
            use other | f.family: uses 'other', but there is no file other.family
            """)
    void aMistakeOfAFileIsSaidWithItsLine(String text, String message) {
        assertEquals(message, refusal(text, "{}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a = config.layers + 1 | {"layer": 2} | config.json: key 'layers' is missing; did you mean 'layer'?, expected a number (f.family:1)
            a = config.layers + 1 | {"layers": null} | config.json: key 'layers' is null, expected a number (f.family:1)
            a = range(config.layers) | {"layers": 2.5} | config.json: key 'layers' is 2.5, expected a whole number of at least 0 (f.family:1)
            a = range(config.layers) | {"layers": 99999999} | config.json: key 'layers' is 99999999, expected at most 1048576 steps (f.family:1)
            a = 8 // config.heads | {"heads": 0} | config.json: key 'heads' is 0, expected a divisor that is not 0 (f.family:1)
            a = config.big * config.big | {"big": 9000000000000} | config.json: leads to a number that is too large (f.family:1)
            a = config.rope.theta + 1 | {"rope": {}} | config.json: key 'rope.theta' is missing, expected a number (f.family:1)
            a = config.act.x | {"act": "silu"} | config.json: key 'act' is 'silu', expected an object with a key 'x' (f.family:1)
            a = expect(config.act, ["silu", "gelu"]) | {"act": "selu"} | config.json: key 'act' is 'selu', expected one of silu, gelu (f.family:1)
            a = error("has no experts") | {} | config.json: has no experts (f.family:1)
            a = error("expected a window", config.w) | {"w": 0} | config.json: key 'w' is 0, expected a window (f.family:1)
            a = rope_frequencies(config.d) | {"d": 70000} | config.json: key 'd' is 70000, expected an even number of at most 65536 (f.family:1)
            a = rope_frequencies(4) | {"rope_theta": -1} | config.json: key 'rope_theta' is -1, expected a number above 0 (f.family:1)
            a = rope_frequencies(4) | {"rope_scaling": {"type": "linea", "factor": 2}} | config.json: key 'rope_scaling.type' is 'linea', expected one of default, linear, dynamic, yarn, longrope, llama3, proportional; did you mean 'linear'? (f.family:1)
            a = rope_frequencies(4) | {"rope_scaling": {"type": "linear"}} | config.json: key 'rope_scaling.factor' is missing, expected a number above 0 (f.family:1)
            x = embed(token_ids(), weight("table"))/y = activate(x, config.act) | {"act": "geluu"} | config.json: key 'act' is 'geluu', expected one of gelu, gelu_erf, gelu_fast, gelu_new, gelu_python, gelu_pytorch_tanh, gelu_tanh, quick_gelu, relu, relu2, relu_squared, sigmoid, silu, softplus, swish, tanh; did you mean 'gelu'? (f.family:2)
            x = embed(token_ids(), weight("table"))/y = attention(x, x, x, config.heads) | {"heads": 3} | config.json: key 'heads' is 3, expected a divisor of the 4 columns of its operand (f.family:2)
            x = embed(token_ids(), weight("table"))/y = linear(x, weight("wide")) | {} | config.json: gives no valid graph: node 'linear#2': linear operand 1 'wide' (weight) has shape [4, 8], expected [out, 4] (f.family:2)
            a = weight("tabel") | {} | model.safetensors: tensor 'tabel' is missing; did you mean 'table'? (the checkpoint has 4 tensors)
            a = weight("table", [4, 8]) | {} | tensor 'table' has shape [8, 4], expected [4, 8]; do configuration and checkpoint belong together?
            x = embed(token_ids(), weight("table")) as "embed"/output("logits", x) | {"hidden_size": 5} | config.json: hidden_size is 5, but 'table' has 4 columns; do configuration and weights belong to one model?
            x = embed(token_ids(), weight("table")) as "embed"/output("logits", x) | {"d_model": 4, "vocab_size": 9} | config.json: vocab_size is 9, but 'table' has 8 rows; do configuration and weights belong to one model?
            a = weight("codes") | {} | model.safetensors: tensor 'codes' has type U8, expected numbers; is the checkpoint quantised in a way that is not supported?
            a = stacked("part.*", 2) | {} | model.safetensors: tensor 'part.1' is missing; did you mean 'part.0'? (the checkpoint has 4 tensors)
            """)
    void aWrongConfigurationOrCheckpointIsSaidByName(String text, String config, String message) {
        assertEquals(message, refusal(text, config));
    }

    private static String lines(String text) {
        return text.replace("/", "\n").replace("\n\n", "//") + "\n";
    }

    private static String refusal(String text, String config) {
        return assertThrows(InvalidInputException.class, () -> build(lines(text), config))
                .getMessage();
    }

    private static void build(String text, String config) throws JsonProcessingException {
        InMemoryTensors tensors = new InMemoryTensors()
                .counting("table", 0, 8L, 4L)
                .counting("wide", 0, 4L, 8L)
                .counting("part.0", 0, 2L, 2L)
                .bytes("codes", new byte[4], 4L);
        FamilyLibrary library = FamilyLibrary.of(Map.of("f", text));
        Value.Fields fields = Config.fields(new ObjectMapper().readTree(config), "");
        ModelBuilder builder = new ModelBuilder("config.json", library.file("f"), library, fields, tensors, null, null);
        ConfiguredSizes.check("config.json", true, builder.build().graph(), fields);
    }
}
