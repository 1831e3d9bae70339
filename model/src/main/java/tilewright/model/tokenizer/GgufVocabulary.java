package tilewright.model.tokenizer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tilewright.model.InvalidInputException;
import tilewright.model.gguf.GgufMetadata;

/**
 * The vocabulary inside a GGUF file, as it stands there.
 *
 * @param place the file, for messages
 * @param model which algorithm: {@code gpt2}, {@code llama}, {@code bert}, {@code t5}, {@code rwkv}, {@code gemma4}
 * @param pre how a byte-pair tokenizer splits text into words; empty if the file does not say
 * @param modelName the model's name in lower case, which decides some treatment of spaces
 * @param architecture the model's architecture
 * @param tokens the token of each id
 * @param scores by id; all zero if the file has none
 * @param types by id, of the constants here
 * @param merges pairs that are merged, best first, the two parts separated by a space
 * @param charsmap compiled normalisation; empty if there is none
 * @param ids ids of tokens by role, such as {@code bos} and {@code eos}, as far as the file names them
 * @param flags settings such as {@code add_bos_token}, as far as the file has them
 */
record GgufVocabulary(
        String place,
        String model,
        String pre,
        String modelName,
        String architecture,
        String[] tokens,
        float[] scores,
        int[] types,
        List<String> merges,
        byte[] charsmap,
        Map<String, Integer> ids,
        Map<String, Boolean> flags) {
    static final int NORMAL = 1;
    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int UNUSED = 5;
    static final int BYTE = 6;

    private static final String PREFIX = "tokenizer.ggml.";
    private static final int MAX_TOKENS = 1 << 24;
    private static final Map<String, String> ROLES = Map.of(
            "bos_token_id", "bos",
            "eos_token_id", "eos",
            "eot_token_id", "eot",
            "eom_token_id", "eom",
            "unknown_token_id", "unk",
            "seperator_token_id", "sep",
            "padding_token_id", "pad",
            "cls_token_id", "cls",
            "mask_token_id", "mask");
    private static final List<String> FLAGS = List.of(
            "add_bos_token",
            "add_eos_token",
            "add_sep_token",
            "add_space_prefix",
            "remove_extra_whitespaces",
            "normalizer.lowercase",
            "normalizer.strip_accents");

    /** Reads it from a file's metadata. */
    static GgufVocabulary of(GgufMetadata metadata) {
        String place = metadata.file().toString();
        String model = metadata.string(PREFIX + "model");
        String[] tokens = metadata.strings(PREFIX + "tokens").toArray(new String[0]);
        if (tokens.length == 0 || tokens.length > MAX_TOKENS) {
            throw new InvalidInputException(place + ": the vocabulary has " + tokens.length + " tokens, expected 1 to "
                    + MAX_TOKENS + "; convert the checkpoint to GGUF again");
        }
        float[] scores = has(metadata, "scores") ? metadata.floats(PREFIX + "scores") : new float[tokens.length];
        requireOnePerToken(place, "scores", scores.length, tokens.length);
        int[] types = types(metadata, place, tokens.length);
        List<String> merges = has(metadata, "merges") ? metadata.strings(PREFIX + "merges") : List.of();
        return new GgufVocabulary(
                place,
                model,
                metadata.string(PREFIX + "pre", ""),
                metadata.string("general.name", "").toLowerCase(Locale.ROOT),
                metadata.string(GgufMetadata.ARCHITECTURE, ""),
                tokens,
                scores,
                types,
                merges,
                charsmap(metadata),
                ids(metadata, tokens.length),
                flags(metadata));
    }

    /** A setting, or {@code otherwise} if the file does not have it. */
    boolean flag(String name, boolean otherwise) {
        return flags.getOrDefault(name, otherwise);
    }

    /** The id of a role; {@code otherwise} if the file names none, and -1 if that is not in the vocabulary. */
    int id(String role, int otherwise) {
        int id = ids.getOrDefault(role, otherwise);
        return id < tokens.length ? id : -1;
    }

    private static boolean has(GgufMetadata metadata, String key) {
        return metadata.has(PREFIX + key);
    }

    private static int[] types(GgufMetadata metadata, String place, int tokens) {
        int[] types = new int[tokens];
        if (!has(metadata, "token_type")) {
            java.util.Arrays.fill(types, NORMAL);
            return types;
        }
        long[] stored = metadata.integers(PREFIX + "token_type");
        requireOnePerToken(place, "token_type", stored.length, tokens);
        for (int i = 0; i < tokens; i++) {
            types[i] = stored[i] < 0 || stored[i] > BYTE ? 0 : (int) stored[i];
        }
        return types;
    }

    private static void requireOnePerToken(String place, String what, int length, int tokens) {
        if (length < tokens) {
            throw new InvalidInputException(place + ": metadata '" + PREFIX + what + "' has " + length
                    + " elements, expected one for each of the " + tokens
                    + " tokens; convert the checkpoint to GGUF again");
        }
    }

    private static byte[] charsmap(GgufMetadata metadata) {
        if (!has(metadata, "precompiled_charsmap")) {
            return new byte[0];
        }
        long[] stored = metadata.integers(PREFIX + "precompiled_charsmap");
        byte[] bytes = new byte[stored.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) stored[i];
        }
        return bytes;
    }

    /** An id outside of the vocabulary is as good as none: published files have them. */
    private static Map<String, Integer> ids(GgufMetadata metadata, int tokens) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        ROLES.forEach((key, role) -> {
            if (has(metadata, key)) {
                long id = metadata.integer(PREFIX + key);
                if (id >= 0 && id < tokens) {
                    ids.put(role, (int) id);
                }
            }
        });
        return ids;
    }

    private static Map<String, Boolean> flags(GgufMetadata metadata) {
        Map<String, Boolean> flags = new LinkedHashMap<>();
        for (String name : FLAGS) {
            if (has(metadata, name)) {
                flags.put(name, metadata.flag(PREFIX + name));
            }
        }
        return flags;
    }
}
