package tilewright.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.model.InvalidInputException;
import tilewright.model.chat.Message;
import tilewright.model.gguf.GgufWriter;

class ChatTemplatesTest {
    private static final List<Message> MESSAGES = List.of(new Message("user", "hi"));

    @TempDir
    Path folder;

    @Test
    void aModelWithoutATemplateHasNone() throws IOException {
        assertEquals(Optional.empty(), ChatTemplates.load(folder, false));
        Path file = folder.resolve("m.gguf");
        new GgufWriter().put("general.architecture", "llama").write(file);
        assertEquals(Optional.empty(), ChatTemplates.load(file, false));
    }

    @Test
    void theConfigurationHoldsTheTemplateAndItsTokens() throws IOException {
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"bos_token\":{\"content\":\"<s>\"},\"eos_token\":\"</s>\","
                        + "\"chat_template\":\"{{ bos_token }}{{ messages[0].content }}{{ eos_token }}\"}");
        assertEquals("<s>hi</s>", rendered(folder, false));
        Files.writeString(folder.resolve("chat_template.jinja"), "of its own file");
        assertEquals("of its own file", rendered(folder, false));
    }

    @Test
    void ofSeveralTemplatesTheOneForToolsIsTakenWithTools() throws IOException {
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"chat_template\":[{\"name\":\"default\",\"template\":\"plain\"},"
                        + "{\"name\":\"tool_use\",\"template\":\"tools\"}]}");
        assertEquals("plain", rendered(folder, false));
        assertEquals("tools", rendered(folder, true));
    }

    @Test
    void aGgufFileHoldsTheTemplateAndItsTokens() throws IOException {
        Path file = folder.resolve("m.gguf");
        new GgufWriter()
                .put("general.architecture", "llama")
                .put("tokenizer.ggml.model", "llama")
                .put("tokenizer.ggml.tokens", List.of("<unk>", "<s>", "</s>"))
                .put("tokenizer.ggml.bos_token_id", 1)
                .put("tokenizer.chat_template", "{{ bos_token }}{{ messages[0]['content'] }}")
                .put("tokenizer.chat_template.tool_use", "tools")
                .write(file);
        assertEquals("<s>hi", rendered(file, false));
        assertEquals("tools", rendered(file, true));
    }

    @Test
    void aWrongTemplateNamesTheModelAndTheLine() throws IOException {
        Files.writeString(folder.resolve("chat_template.jinja"), "\n{% if %}");
        assertEquals(
                folder + ": chat template, line 2: unexpected '%}'",
                assertThrows(InvalidInputException.class, () -> ChatTemplates.load(folder, false))
                        .getMessage());
    }

    private static String rendered(Path model, boolean tools) {
        return ChatTemplates.load(model, tools).orElseThrow().render(MESSAGES, true, Map.of());
    }
}
