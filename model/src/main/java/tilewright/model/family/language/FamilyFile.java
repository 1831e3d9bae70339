package tilewright.model.family.language;

import java.util.List;

/**
 * A family file, parsed.
 *
 * @param name without the ending
 * @param modelTypes the {@code model_type}s that it reads; empty for a shared file
 * @param architectures class names of published configurations, for the reader
 * @param source the paper or report that defines the model
 * @param uses shared files whose definitions it sees
 * @param inner key of the object inside the configuration that describes the language model, or null
 * @param defaults values of configuration keys that files may leave out
 * @param ggufs GGUF architectures that it reads
 * @param ggufConfig configuration keys from GGUF metadata
 * @param ggufTensors GGUF tensors by the names that the body uses
 * @param aliases other spellings of tensor names
 * @param ignored tensor names that the model may leave unused, with {@code *} for anything
 * @param body definitions and statements
 */
record FamilyFile(
        String name,
        List<String> modelTypes,
        List<String> architectures,
        String source,
        List<String> uses,
        String inner,
        List<Setting> defaults,
        List<GgufArchitecture> ggufs,
        List<Setting> ggufConfig,
        List<TensorRule> ggufTensors,
        List<Alias> aliases,
        List<String> ignored,
        List<Statement> body) {
    /**
     * A value for a configuration key.
     *
     * @param key the key
     * @param replacesNull whether it also stands in for a key that is null
     * @param value what to set
     */
    record Setting(String key, boolean replacesNull, Expression value) {}

    /**
     * A GGUF architecture that the family reads.
     *
     * @param name {@code general.architecture}
     * @param condition over the metadata, when several families share the architecture; null for none
     */
    record GgufArchitecture(String name, Expression condition) {}

    /**
     * A tensor of a GGUF file.
     *
     * @param pattern the name that the body uses, with {@code {name}} for a number
     * @param value the GGUF name, or an expression over {@code stored(...)}
     */
    record TensorRule(String pattern, Expression value) {}

    /**
     * Another spelling of tensor names.
     *
     * @param from how names begin in the body
     * @param to how they begin in the checkpoint
     */
    record Alias(String from, String to) {}
}
