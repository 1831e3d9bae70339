package tilewright.model.tokenizer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tilewright.model.InvalidInputException;
import tilewright.model.chat.ChatTemplate;
import tilewright.model.gguf.Gguf;
import tilewright.model.gguf.GgufMetadata;
import tilewright.model.store.StoreManifest;

/** Finds the chat template of a model: how a conversation becomes a prompt. */
public final class ChatTemplates {
    private static final int MAX_BYTES = 8 << 20;
    private static final String DEFAULT = "default";
    private static final String TOOLS = "tool_use";
    private static final String GGUF_KEY = "tokenizer.chat_template";
    private static final List<String> ROLES = List.of("bos", "eos", "unk", "sep", "pad", "cls", "mask");

    private ChatTemplates() {}

    /**
     * The template of a model folder ({@code chat_template.jinja}, {@code chat_template.json} or
     * {@code tokenizer_config.json}) or of a GGUF file.
     *
     * <p>Variables such as {@code bos_token} are set as the model's files say.
     *
     * @param path a folder or a {@code .gguf} file
     * @param tools whether the conversation has tools: some models have a template of its own for that
     * @return empty if the model has none
     * @throws InvalidInputException if a file is damaged, or a template uses what is not supported
     */
    public static Optional<ChatTemplate> load(Path path, boolean tools) {
        Path model = StoreManifest.described(path);
        if (Files.isDirectory(model)) {
            HfConfig config = new HfConfig(model);
            Map<String, String> sources = sources(model, config);
            return chosen(sources, tools).map(source -> ChatTemplate.parse(model.toString(), source, tokens(config)));
        }
        try (Gguf gguf = Gguf.open(model)) {
            return load(gguf.metadata(), tools);
        }
    }

    /** The template inside a GGUF file, which may be closed afterwards. */
    public static Optional<ChatTemplate> load(GgufMetadata metadata, boolean tools) {
        Map<String, String> sources = new LinkedHashMap<>();
        if (metadata.has(GGUF_KEY)) {
            sources.put(DEFAULT, metadata.string(GGUF_KEY));
        }
        if (metadata.has(GGUF_KEY + "." + TOOLS)) {
            sources.put(TOOLS, metadata.string(GGUF_KEY + "." + TOOLS));
        }
        return chosen(sources, tools)
                .map(source -> ChatTemplate.parse(metadata.file().toString(), source, tokens(metadata)));
    }

    private static Optional<String> chosen(Map<String, String> sources, boolean tools) {
        String preferred = tools && sources.containsKey(TOOLS) ? TOOLS : DEFAULT;
        return Optional.ofNullable(sources.get(preferred));
    }

    /** Templates by name; a file of its own goes before the tokenizer's configuration. */
    private static Map<String, String> sources(Path folder, HfConfig config) {
        Map<String, String> sources = new LinkedHashMap<>();
        config.chatTemplate().ifPresent(template -> add(template, sources));
        Path json = folder.resolve("chat_template.json");
        if (Files.isRegularFile(json)) {
            add(JsonFile.tree(json).get("chat_template"), sources);
        }
        Path jinja = folder.resolve("chat_template.jinja");
        if (Files.isRegularFile(jinja)) {
            sources.put(DEFAULT, text(jinja));
        }
        Path withTools = folder.resolve("additional_chat_templates").resolve(TOOLS + ".jinja");
        if (Files.isRegularFile(withTools)) {
            sources.put(TOOLS, text(withTools));
        }
        return sources;
    }

    /** A template, or a list of templates with names. */
    private static void add(JsonValue template, Map<String, String> sources) {
        if (!template.isPresent()) {
            return;
        }
        if (!template.isArray()) {
            sources.put(DEFAULT, template.text());
            return;
        }
        for (JsonValue named : template.elements()) {
            sources.put(named.get("name").text(), named.get("template").text());
        }
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new InvalidInputException(file + ": " + Files.size(file) + " bytes exceed the limit of "
                        + MAX_BYTES + " for a chat template");
            }
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InvalidInputException(file + ": cannot be read (" + InvalidInputException.reason(e) + ")", e);
        }
    }

    private static Map<String, Object> tokens(HfConfig config) {
        Map<String, Object> tokens = new LinkedHashMap<>();
        for (String role : ROLES) {
            config.token(role + "_token").ifPresent(token -> tokens.put(role + "_token", token));
        }
        return tokens;
    }

    private static Map<String, Object> tokens(GgufMetadata metadata) {
        Map<String, Object> tokens = new LinkedHashMap<>();
        if (metadata.has("tokenizer.ggml.tokens")) {
            GgufVocabulary vocabulary = GgufVocabulary.of(metadata);
            vocabulary
                    .ids()
                    .forEach(
                            (role, id) -> tokens.put(role + "_token", vocabulary.tokens()[id]));
        }
        return tokens;
    }
}
