package tilewright.model.family.language;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import tilewright.model.graph.Graph;
import tilewright.model.tensor.TensorSource;

/**
 * A language model on disk, understood: its graph, whose parameters are read on demand until the model is closed.
 *
 * <p>The graph reads {@code ids} i32 [batch, tokens] (an encoder-decoder also {@code encoder_ids} i32 [batch, source]) and has
 * the output {@code logits} [batch, tokens, vocabulary].
 *
 * @param path the folder or GGUF file
 * @param family the name of the family file that built the graph
 * @param graph what the model computes
 * @param vocabularySize logits per token
 * @param contextLength tokens of the longest sequence that the model was made for; {@link Integer#MAX_VALUE} where nothing limits it
 * @param hiddenSize elements of a token's hidden state
 * @param layers decoder blocks, values {@code block0} to {@code block{layers-1}}
 * @param beginToken what a sequence begins with, where the files say so
 * @param endTokens what ends a sequence; empty where the files name none
 * @param encoderDecoder whether the graph has an encoder with an input of its own
 * @param decoderStartToken the first id of the decoder's input, for an encoder-decoder
 * @param config its configuration: {@code config.json}, or what the GGUF metadata say in the same words
 * @param tensors its checkpoint, mapped
 * @param warnings what a user should know: assumptions made, tensors not used
 */
public record LoadedLanguageModel(
        Path path,
        String family,
        Graph graph,
        int vocabularySize,
        int contextLength,
        int hiddenSize,
        int layers,
        OptionalInt beginToken,
        List<Integer> endTokens,
        boolean encoderDecoder,
        OptionalInt decoderStartToken,
        JsonNode config,
        TensorSource tensors,
        List<String> warnings)
        implements AutoCloseable {
    /** Copies the lists. */
    public LoadedLanguageModel {
        endTokens = List.copyOf(endTokens);
        warnings = List.copyOf(warnings);
    }

    /** Unmaps the checkpoint; parameters cannot be loaded afterwards. */
    @Override
    public void close() {
        tensors.close();
    }
}
