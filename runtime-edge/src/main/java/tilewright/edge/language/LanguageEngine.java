package tilewright.edge.language;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.edge.Tensor;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.graph.Graph;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.Verifier;

/**
 * Runs a language model's graph in float32 with caches: several sequences at once, any number of tokens of each.
 *
 * <p>Each row (token) is computed from its own sequence and position alone, and no sum is split between threads. So logits do
 * not depend on the number of threads, nor on the other sequences of a step, nor on how a text is cut into chunks, with three
 * exceptions: the matrix kernels in Java round differently for few rows (of a step, or of one expert) and for more, in the last digits
 * of float32, or by the rounding of activations where the options ask for 8 bits; an expert's capacity counts the tokens of a
 * sequence that run together; rotary frequencies that depend on the sequence's length are those of its length after the step.
 *
 * <p>One step at a time: a second caller waits.
 */
public final class LanguageEngine implements AutoCloseable {
    private volatile EngineOptions options;
    private final Plan decoder;
    private final Plan encoder;
    private final List<Plan.Crossing> crossings;
    private final StageBinder weights;
    private final Team team;
    private final CachePool pool;
    private final List<Segment> segments = new ArrayList<>();
    private final Map<String, KeptRows> kept = new HashMap<>();
    private final int vocabulary;
    private float[] logits = new float[0];
    private long passes;

    private LanguageEngine(
            EngineOptions options, Plan decoder, Plan encoder, List<Plan.Crossing> crossings, StageBinder weights) {
        this.weights = weights;
        this.options = options;
        this.decoder = decoder;
        this.encoder = encoder;
        this.crossings = crossings;
        this.vocabulary = decoder.logits().width();
        this.team = new Team(options.threads());
        this.pool = new CachePool(options.cacheBytes());
        options.keep().forEach(value -> kept.put(value, new KeptRows()));
    }

    /** Prepares a loaded model, which must stay open while the engine is used. */
    public static LanguageEngine load(LoadedLanguageModel model, EngineOptions options) {
        return load(model.graph(), options);
    }

    /**
     * Prepares a graph with the input {@code ids} (and {@code encoder_ids}) and the output {@code logits}.
     *
     * <p>Weights are packed when a step first needs them.
     *
     * @throws InvalidGraphException when the graph breaks a rule of the IR, holds an operator that no language model has, or a
     *     value to keep is not there
     */
    public static LanguageEngine load(Graph graph, EngineOptions options) {
        Verifier.check(graph);
        GraphParts parts = new GraphParts(graph, options.keep());
        StageBinder binder = new StageBinder(options, graph);
        Set<String> ofDecoder = new HashSet<>();
        Set<String> ofEncoder = new HashSet<>();
        for (String value : options.keep()) {
            if (parts.constant(value) != null) {
                throw new InvalidGraphException(
                        "value '" + value + "' is the same for every token, expected one with a row per token to keep");
            }
            (parts.fromEncoder(value) ? ofEncoder : ofDecoder).add(value);
        }
        Plan decoder = new PlanBuilder(parts, false, ofDecoder, binder).build();
        if (decoder.logits() == null) {
            throw new InvalidGraphException("output 'logits' of graph '" + graph.name()
                    + "' is not a value with a row per token, expected one that depends on ids");
        }
        List<Plan.Crossing> crossings = decoder.crossings();
        crossings.forEach(crossing -> ofEncoder.addAll(List.of(crossing.keys(), crossing.values())));
        Plan encoder = parts.hasEncoder() ? new PlanBuilder(parts, true, ofEncoder, binder).build() : null;
        return new LanguageEngine(options, decoder, encoder, crossings, binder);
    }

    /**
     * Packs all weights now that are not experts', which else happens when a step first needs them; nothing of the model's files
     * is then read any more but experts.
     *
     * @param packed called after each matrix, whose bytes in the model's files are of no more use then
     */
    public synchronized void packDense(Runnable packed) {
        weights.packDense(packed);
    }

    /**
     * About how much heap steps will take.
     *
     * @param rows most rows of a step; an encoder's text runs at once
     * @param wanted most rows of them whose logits are wanted
     */
    public long stepBytes(int rows, int wanted) {
        long bytes = decoder.passBytes(rows, wanted);
        return encoder == null ? bytes : bytes + encoder.passBytes(rows, 0);
    }

    /**
     * The bytes of keys and values off the heap that a sequence of so many tokens needs, in whole pages.
     *
     * @param tokens positions of the sequence, and of the encoder's text
     * @param rows most rows of a step
     */
    public long sequenceBytes(int tokens, int rows) {
        long bytes = decoder.cacheBytes(tokens, rows);
        return encoder == null ? bytes : bytes + encoder.cacheBytes(tokens, rows);
    }

    /** The bytes of heap that a sequence needs, whatever its length: states of recurrences and convolutions. */
    public long stateBytes() {
        return decoder.stateBytes() + (encoder == null ? 0 : encoder.stateBytes());
    }

    /**
     * Sets limits anew, between steps; what is held stays.
     *
     * @param contextLimit most positions of one sequence
     * @param prefillTokens most rows that run through the model at once
     * @param cacheBytes most bytes that the caches of all sequences may hold together
     */
    public synchronized void limit(int contextLimit, int prefillTokens, long cacheBytes) {
        options = options.withContextLimit(contextLimit)
                .withPrefillTokens(prefillTokens)
                .withCacheBytes(cacheBytes);
        pool.limit(cacheBytes);
    }

    /** The options it was loaded with, with the limits that hold now. */
    public EngineOptions options() {
        return options;
    }

    /** Logits per token. */
    public int vocabularySize() {
        return vocabulary;
    }

    /** Whether sequences need ids for an encoder. */
    public boolean encoderDecoder() {
        return encoder != null;
    }

    /**
     * An empty sequence of a decoder.
     *
     * @throws CacheFullException when the states that it keeps do not fit
     * @throws IllegalStateException when the model has an encoder
     */
    public synchronized Sequence newSequence() {
        if (encoder != null) {
            throw new IllegalStateException("the model has an encoder, expected ids for it");
        }
        return new Sequence(this, decoder.newState(pool), 0);
    }

    /**
     * An empty sequence of an encoder-decoder; the encoder runs now.
     *
     * @param encoderIds at least one
     * @throws CacheFullException when what the decoder needs of the encoder does not fit
     * @throws IllegalArgumentException when there are no ids or the vocabulary lacks one
     * @throws IllegalStateException when the model has no encoder
     */
    public synchronized Sequence newSequence(int[] encoderIds) {
        if (encoder == null) {
            throw new IllegalStateException("the model has no encoder, expected no ids for one");
        }
        if (encoderIds.length == 0) {
            throw new IllegalArgumentException("the encoder gets no ids, expected at least one");
        }
        checkIds(encoderIds);
        SequenceState source = encoder.newState(pool);
        SequenceState state = decoder.newState(pool);
        try {
            int count = encoderIds.length;
            encoder.reserve(source, count);
            segments.clear();
            segments.add(new Segment(source, 0, 0, count));
            encoder.tokens().begin(count);
            for (int row = 0; row < count; row++) {
                encoder.tokens().place(row, row, count);
            }
            encoder.wanted().begin(0);
            encoder.begin();
            System.arraycopy(encoderIds, 0, encoder.ids().data(), 0, count);
            encoder.run(new Pass(team, segments, passes++));
            for (Plan.Crossing crossing : crossings) {
                fill(state.cache(crossing.cache()), crossing, count);
            }
            encoder.values().forEach((name, value) -> {
                if (kept.containsKey(name)) {
                    kept.get(name).clear();
                    kept.get(name).append(value);
                }
            });
            return new Sequence(this, state, 0);
        } catch (RuntimeException | Error e) {
            state.close();
            throw e;
        } finally {
            source.close();
        }
    }

    private void fill(AttentionCache cache, Plan.Crossing crossing, int count) {
        Rows keys = (Rows) encoder.values().get(crossing.keys());
        Rows values = (Rows) encoder.values().get(crossing.values());
        PageShape shape = cache.shape();
        cache.reserve(count);
        for (int head = 0; head < shape.heads(); head++) {
            cache.write(
                    head,
                    count,
                    keys.data(),
                    keys.at(0) + head * shape.keyWidth(),
                    keys.stride(),
                    values.data(),
                    values.at(0) + head * shape.valueWidth(),
                    values.stride());
        }
        cache.advance(count);
    }

    /** {@link #step(List)} of these chunks. */
    public Logits step(Chunk... chunks) {
        return step(List.of(chunks));
    }

    /**
     * Appends each chunk's tokens to its sequence and computes the wanted logits; the chunks' rows run together.
     *
     * @return the wanted rows in the chunks' order; valid until the next step
     * @throws CacheFullException when the caches' limit is reached; sequences keep the tokens that fitted
     * @throws IllegalArgumentException when an id is not in the vocabulary, the context limit is passed, or a sequence is
     *     another engine's or there twice; nothing has been computed then
     * @throws IllegalStateException when a sequence is closed; those of a step that fails while it computes are closed by it
     */
    public synchronized Logits step(List<Chunk> chunks) {
        int wanted = check(chunks);
        kept.values().forEach(KeptRows::clear);
        int chunk = 0;
        int done = 0;
        int wantedDone = 0;
        while (chunk < chunks.size()) {
            segments.clear();
            int first = chunk;
            int firstDone = done;
            int rows = 0;
            int wantedRows = 0;
            while (chunk < chunks.size() && rows < options.prefillTokens()) {
                int here = Math.min(chunks.get(chunk).ids().length - done, options.prefillTokens() - rows);
                Sequence sequence = chunks.get(chunk).sequence();
                segments.add(new Segment(sequence.state(), sequence.position(), rows, here));
                wantedRows += wanted(chunks.get(chunk), done, here);
                rows += here;
                done += here;
                if (done == chunks.get(chunk).ids().length) {
                    chunk++;
                    done = 0;
                }
            }
            run(chunks, first, firstDone, rows, wantedRows);
            Rows found = decoder.logits();
            if (wantedDone == 0 && chunk == chunks.size() && found.contiguous() && found.startsAtZero()) {
                return new Logits(vocabulary, wanted, found.data());
            }
            collect(found, wantedRows, wantedDone, wanted);
            wantedDone += wantedRows;
        }
        return new Logits(vocabulary, wanted, logits);
    }

    /** Copies rows to {@link #logits}, behind {@code done} of {@code all}. */
    private void collect(Rows found, int rows, int done, int all) {
        int elements = Math.multiplyExact(all, vocabulary);
        logits = logits.length < elements ? Arrays.copyOf(logits, elements) : logits;
        for (int row = 0; row < rows; row++) {
            System.arraycopy(found.data(), found.at(row), logits, (done + row) * vocabulary, vocabulary);
        }
    }

    /**
     * Computes the first part of a step of new sequences, up to a node: what stays the same when only nodes from there on change. The
     * sequences are of no further use.
     *
     * @param chunks as many rows as one pass may have, at most
     * @param from where an earlier mark of the same chunks was left; null to begin
     * @param node of the decoder, not before that of {@code from}
     * @throws IllegalArgumentException when the chunks are too long, there is no such node, or as {@link #step(List)} says
     */
    public synchronized StepMark mark(List<Chunk> chunks, StepMark from, String node) {
        Plan.Point point = decoder.points().get(node);
        if (point == null) {
            throw new IllegalArgumentException("the decoder has no node '" + node + "' at which a step can be left");
        }
        if (from != null && from.point.step() > point.step()) {
            throw new IllegalArgumentException(
                    "node '" + node + "' is computed before the place at which the step was left");
        }
        int rows = part(chunks, from, point.step());
        return new StepMark(point, rows);
    }

    /**
     * Computes the rest of a step from a mark on, by the experts as they are now. The sequences are of no further use.
     *
     * @param chunks new sequences of the mark's tokens
     * @return the wanted rows in the chunks' order; valid until the next step
     */
    public synchronized Logits finish(List<Chunk> chunks, StepMark from) {
        part(chunks, from, decoder.stages());
        Rows found = decoder.logits();
        int wanted = decoder.wanted().rows();
        if (found.contiguous() && found.startsAtZero()) {
            return new Logits(vocabulary, wanted, found.data());
        }
        collect(found, wanted, 0, wanted);
        return new Logits(vocabulary, wanted, logits);
    }

    private int part(List<Chunk> chunks, StepMark from, int to) {
        int wanted = check(chunks);
        int rows = 0;
        segments.clear();
        for (Chunk chunk : chunks) {
            segments.add(new Segment(chunk.sequence().state(), chunk.sequence().position(), rows, chunk.ids().length));
            rows = Math.addExact(rows, chunk.ids().length);
        }
        if (rows > options.prefillTokens()
                || from != null && from.rows != rows
                || chunks.stream().anyMatch(chunk -> chunk.sequence().position() > 0)) {
            throw new IllegalArgumentException(rows + " rows of a step that is left, expected "
                    + (from == null ? "at most " + options.prefillTokens() : from.rows) + " of new sequences");
        }
        begin(chunks, 0, 0, rows, wanted);
        if (from != null) {
            for (int i = 0; i < from.values.size(); i++) {
                from.point.live().get(i).restore(from.values.get(i));
            }
        }
        try {
            decoder.run(new Pass(team, segments, passes++), from == null ? 0 : from.point.step(), to);
        } finally {
            segments.forEach(segment -> segment.state().close());
        }
        return rows;
    }

    /** One pass over the rows of {@link #segments}, the first of which begins {@code done} tokens into chunk {@code first}. */
    private void run(List<Chunk> chunks, int first, int done, int rows, int wantedRows) {
        begin(chunks, first, done, rows, wantedRows);
        try {
            decoder.run(new Pass(team, segments, passes++));
        } catch (RuntimeException | Error e) {
            segments.forEach(segment -> segment.state().close());
            throw e;
        }
        for (int s = 0; s < segments.size(); s++) {
            chunks.get(first + s).sequence().advance(segments.get(s).rows());
        }
        decoder.values().forEach((name, value) -> kept.get(name).append(value));
    }

    /** Makes room, and writes which tokens they are. */
    private void begin(List<Chunk> chunks, int first, int done, int rows, int wantedRows) {
        for (Segment segment : segments) {
            decoder.reserve(segment.state(), segment.rows());
        }
        decoder.tokens().begin(rows);
        decoder.wanted().begin(wantedRows);
        decoder.begin();
        int[] ids = decoder.ids().data();
        int wanted = 0;
        for (int s = 0; s < segments.size(); s++) {
            Segment segment = segments.get(s);
            Chunk chunk = chunks.get(first + s);
            int from = s == 0 ? done : 0;
            int length = segment.position() - from + chunk.ids().length;
            for (int i = 0; i < segment.rows(); i++) {
                int row = segment.row() + i;
                ids[row] = chunk.ids()[from + i];
                decoder.tokens().place(row, segment.position() + i, length);
                if (wanted(chunk, from + i, 1) > 0) {
                    decoder.wanted().place(wanted, segment.position() + i, length);
                    decoder.wantedRows().data()[wanted++] = row;
                }
            }
        }
    }

    /** How many of a chunk's tokens {@code from .. from+count-1} are wanted. */
    private static int wanted(Chunk chunk, int from, int count) {
        return switch (chunk.wanted()) {
            case NONE -> 0;
            case LAST -> from + count == chunk.ids().length ? 1 : 0;
            case ALL -> count;
        };
    }

    /** Refuses what cannot be run, and returns the number of wanted rows. */
    private int check(List<Chunk> chunks) {
        int wanted = 0;
        for (int i = 0; i < chunks.size(); i++) {
            Chunk chunk = chunks.get(i);
            Sequence sequence = chunk.sequence();
            if (sequence.engine() != this) {
                throw new IllegalArgumentException("chunk " + i + " has a sequence of another engine");
            }
            for (int j = 0; j < i; j++) {
                if (chunks.get(j).sequence() == sequence) {
                    throw new IllegalArgumentException(
                            "chunks " + j + " and " + i + " have the same sequence, expected one chunk for each");
                }
            }
            sequence.state().requireOpen();
            checkIds(chunk.ids());
            if (sequence.position() + (long) chunk.ids().length > options.contextLimit()) {
                throw new IllegalArgumentException("a sequence of " + sequence.position() + " tokens and "
                        + chunk.ids().length + " more pass the context limit of " + options.contextLimit());
            }
            wanted = Math.addExact(wanted, chunk.wantedRows());
        }
        return wanted;
    }

    /** Refuses ids that the vocabulary has not. */
    void checkIds(int[] ids) {
        for (int id : ids) {
            if (id < 0 || id >= vocabulary) {
                throw new IllegalArgumentException(
                        "id " + id + " is not in the vocabulary, expected 0 to " + (vocabulary - 1));
            }
        }
    }

    /** Forgets what a sequence has seen after its first tokens. */
    void truncate(SequenceState state, int tokens) {
        if (tokens == 0) {
            state.reset(decoder.fixed());
            return;
        }
        if (state.recurrent()) {
            throw new IllegalStateException("the model keeps a recurrent state, which cannot go back to token " + tokens
                    + "; fork the sequence there, or begin again from 0");
        }
        for (int i = 0; i < decoder.shapes().length; i++) {
            if (!decoder.fixed()[i]
                    && state.cache(i).kept() > decoder.attentions().get(i).firstVisible(tokens)) {
                throw new IllegalStateException("a sliding window has dropped keys before position "
                        + state.cache(i).kept() + ", which going back to token " + tokens
                        + " would need; fork the sequence there, or begin again from 0");
            }
        }
        for (int i = 0; i < decoder.shapes().length; i++) {
            if (!decoder.fixed()[i]) {
                state.cache(i).truncate(tokens);
            }
        }
    }

    /**
     * A copy of a value named in {@link EngineOptions#keep()}: [rows, width] of the last step, or of the last encoder run.
     *
     * @throws IllegalArgumentException when it is not named there
     */
    public synchronized Tensor kept(String value) {
        KeptRows rows = kept.get(value);
        if (rows == null) {
            throw new IllegalArgumentException("value '" + value + "' is not kept; the options keep " + options.keep());
        }
        return rows.tensor();
    }

    /** The bytes of the caches' pages, those of ended sequences that wait for others included. */
    public long cacheMemoryBytes() {
        return pool.memoryBytes();
    }

    /** The bytes that all caches and states hold. */
    public long cacheBytes() {
        return pool.usedBytes();
    }

    /** Ends the engine's threads and frees its caches; it and its sequences cannot be used afterwards. */
    @Override
    public synchronized void close() {
        team.close();
        pool.close();
    }
}
