/**
 * Tokenizers: text to token ids and back, from {@code tokenizer.json} or from the vocabulary inside a GGUF file.
 *
 * <p>All of it is Java, so that it runs wherever the JVM does. Files are untrusted: whatever they contain, loading them
 * either works or throws {@link tilewright.model.InvalidInputException}.
 */
package tilewright.model.tokenizer;
