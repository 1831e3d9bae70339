package tilewright.edge.language;

import java.util.List;
import tilewright.edge.Tensor;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.graph.Graph;

/**
 * Runs a language model's graph in float32 with caches.
 *
 * <p>One step at a time: a second caller waits.
 */
public abstract class LanguageEngine implements AutoCloseable {
    LanguageEngine() {}

    /** Prepares a loaded model: its weights are packed now, so that it must stay open only while this runs. */
    public static LanguageEngine load(LoadedLanguageModel model, EngineOptions options) {
        return load(model.graph(), options);
    }

    /**
     * Prepares a graph with the input {@code ids} (and {@code encoder_ids}) and the output {@code logits}.
     *
     * @throws tilewright.model.graph.InvalidGraphException when the graph breaks a rule of the IR or holds an operator that no
     *     language model has
     */
    public static LanguageEngine load(Graph graph, EngineOptions options) {
        throw new UnsupportedOperationException(graph.name() + " " + options);
    }

    /** The options it was loaded with. */
    public abstract EngineOptions options();

    /** Logits per token. */
    public abstract int vocabularySize();

    /** Whether sequences need ids for an encoder. */
    public abstract boolean encoderDecoder();

    /** An empty sequence of a decoder. */
    public abstract Sequence newSequence();

    /** An empty sequence of an encoder-decoder; the encoder runs now. */
    public abstract Sequence newSequence(int[] encoderIds);

    /**
     * Appends each chunk's tokens to its sequence and computes the wanted logits; the chunks' rows run together.
     *
     * @return the wanted rows in the chunks' order; valid until the next step
     * @throws CacheFullException when the caches' limit is reached; sequences keep what went before
     * @throws IllegalArgumentException when an id is not in the vocabulary, the context limit is passed or a sequence is there
     *     twice
     */
    public abstract Logits step(List<Chunk> chunks);

    /** {@link #step(List)} of these chunks. */
    public final Logits step(Chunk... chunks) {
        return step(List.of(chunks));
    }

    /** A copy of a value named in {@link EngineOptions#keep()} for the rows of the last step. */
    public abstract Tensor kept(String value);

    /** The bytes that all caches hold. */
    public abstract long cacheBytes();

    /** Ends the engine's threads; its sequences cannot be used afterwards. */
    @Override
    public abstract void close();
}
