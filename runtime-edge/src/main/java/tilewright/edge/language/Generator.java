package tilewright.edge.language;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tilewright.model.tokenizer.TokenStream;

/** Generates texts with an engine: one or several at once. */
public final class Generator {
    private final LanguageEngine engine;

    /** A generator that runs on this engine. */
    public Generator(LanguageEngine engine) {
        this.engine = engine;
    }

    /** {@link #generate(List)} of one request. */
    public Generation generate(GenerationRequest request) {
        return generate(List.of(request)).getFirst();
    }

    /**
     * Continues a sequence that has seen the prompt's first {@link Sequence#position} ids, and leaves it open.
     *
     * <p>Afterwards it has seen the prompt and all generated ids but the last, so that a conversation goes on without reading
     * its past again.
     *
     * @throws CacheFullException when the caches do not fit
     * @throws IllegalArgumentException when nothing of the prompt is left to read, or it does not fit the vocabulary or the
     *     context limit
     */
    public Generation generate(GenerationRequest request, Sequence sequence) {
        Text text = new Text(request, sequence);
        while (text.end == null) {
            text.take(engine.step(text.chunk()), 0);
        }
        return text.generation();
    }

    /**
     * Generates several texts together; a text is the same as generated alone.
     *
     * @return in the requests' order
     * @throws CacheFullException when the caches of all texts do not fit
     * @throws IllegalArgumentException when a prompt does not fit the vocabulary or the context limit
     */
    public List<Generation> generate(List<GenerationRequest> requests) {
        List<Text> texts = new ArrayList<>();
        try {
            for (GenerationRequest request : requests) {
                texts.add(begin(request));
            }
            List<Text> running = List.copyOf(texts);
            while (!running.isEmpty()) {
                Logits logits = engine.step(running.stream().map(Text::chunk).toList());
                for (int i = 0; i < running.size(); i++) {
                    running.get(i).take(logits, i);
                    if (running.get(i).end != null) {
                        running.get(i).close();
                    }
                }
                running = running.stream().filter(text -> text.end == null).toList();
            }
            return texts.stream().map(Text::generation).toList();
        } finally {
            texts.forEach(Text::close);
        }
    }

    private Text begin(GenerationRequest request) {
        engine.checkIds(request.prompt());
        return new Text(
                request, engine.encoderDecoder() ? engine.newSequence(request.encoder()) : engine.newSequence());
    }

    /** One text while it is generated. */
    private final class Text {
        private final GenerationRequest request;
        private final Sampler sampler;
        private final StopStrings stops;
        private final TokenStream stream;
        private final Sequence sequence;
        private final StringBuilder text = new StringBuilder();
        private int[] ids = new int[32];
        private int count;
        private Generation.End end;

        Text(GenerationRequest request, Sequence sequence) {
            this.request = request;
            this.sequence = sequence;
            this.sampler = new Sampler(request.sampling(), engine.vocabularySize());
            this.stops = new StopStrings(request.stops());
            this.stream = request.tokenizer() == null ? null : request.tokenizer().stream(false);
            if (sequence.position() >= request.prompt().length) {
                throw new IllegalArgumentException("the sequence has seen " + sequence.position()
                        + " tokens, expected fewer than the prompt's " + request.prompt().length);
            }
            engine.checkIds(request.prompt());
            for (int id : request.prompt()) {
                sampler.see(id);
            }
        }

        Chunk chunk() {
            int[] prompt = request.prompt();
            return Chunk.last(
                    sequence,
                    count == 0
                            ? Arrays.copyOfRange(prompt, sequence.position(), prompt.length)
                            : new int[] {ids[count - 1]});
        }

        void take(Logits logits, int row) {
            int id = sampler.next(logits.data(), logits.at(row));
            if (request.endIds().contains(id)) {
                end(Generation.End.END_ID);
                return;
            }
            sampler.see(id);
            if (count == ids.length) {
                ids = Arrays.copyOf(ids, 2 * count);
            }
            ids[count++] = id;
            String certain = stream == null ? "" : stops.append(stream.append(id));
            text.append(certain);
            boolean goOn = request.listener().token(id, certain);
            if (stops.stopped()) {
                end(Generation.End.STOP);
            } else if (!goOn) {
                end(Generation.End.CANCELLED);
            } else if (count == request.maxTokens()
                    || sequence.position() >= engine.options().contextLimit()) {
                end(Generation.End.LENGTH);
            }
        }

        /** Gives out what is held back: no stop string can begin in it any more. */
        private void end(Generation.End why) {
            end = why;
            if (stream != null && !stops.stopped()) {
                String rest = stops.append(stream.finish());
                rest = stops.stopped() ? rest : rest + stops.finish();
                if (!rest.isEmpty()) {
                    text.append(rest);
                    request.listener().token(-1, rest);
                }
            }
        }

        Generation generation() {
            return new Generation(Arrays.copyOf(ids, count), text.toString(), end);
        }

        void close() {
            sequence.close();
        }
    }
}
