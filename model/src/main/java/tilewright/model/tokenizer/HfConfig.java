package tilewright.model.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the files beside a {@code tokenizer.json} say about special tokens. */
final class HfConfig {
    private static final List<String> TOKEN_FILES = List.of("tokenizer_config.json", "special_tokens_map.json");
    private static final List<String> ID_FILES = List.of("generation_config.json", "config.json");

    private final List<JsonValue> tokenFiles = new ArrayList<>();
    private final List<JsonValue> idFiles = new ArrayList<>();

    HfConfig(Path folder) {
        read(folder, TOKEN_FILES, tokenFiles);
        read(folder, ID_FILES, idFiles);
    }

    private static void read(Path folder, List<String> names, List<JsonValue> into) {
        for (String name : names) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                into.add(JsonFile.tree(file));
            }
        }
    }

    /** The spelling of a token by its role, such as {@code bos_token}. */
    Optional<String> token(String role) {
        for (JsonValue file : tokenFiles) {
            JsonValue token = file.get(role);
            if (token.isText()) {
                return Optional.of(token.text());
            }
            if (token.get("content").isText()) {
                return Optional.of(token.get("content").text());
            }
        }
        return Optional.empty();
    }

    /** The ids of a role, such as {@code eos_token_id}, in the first file that names any. */
    int[] ids(String role) {
        for (JsonValue file : idFiles) {
            JsonValue value = file.get(role);
            if (value.isArray()) {
                return value.elements().stream()
                        .mapToInt(id -> id.count(HfFile.MAX_ID))
                        .toArray();
            }
            if (value.isPresent()
                    && value.node().canConvertToInt()
                    && value.node().intValue() >= 0) {
                return new int[] {value.count(HfFile.MAX_ID)};
            }
        }
        return new int[0];
    }

    /** The chat template or templates in the tokenizer's configuration. */
    Optional<JsonValue> chatTemplate() {
        return tokenFiles.stream()
                .map(file -> file.get("chat_template"))
                .filter(JsonValue::isPresent)
                .findFirst();
    }

    /** A setting of the tokenizer, if the files have it. */
    Optional<Boolean> flag(String name) {
        for (JsonValue file : tokenFiles) {
            JsonValue value = file.get(name);
            if (value.isPresent() && value.node().isBoolean()) {
                return Optional.of(value.flag(false));
            }
        }
        return Optional.empty();
    }
}
