package tilewright.edge.language;

import java.util.List;

/** Generates texts with an engine: one or several at once. */
public final class Generator {
    private final LanguageEngine engine;

    /** A generator that runs on this engine. */
    public Generator(LanguageEngine engine) {
        this.engine = engine;
    }

    /** Generates one text. */
    public Generation generate(GenerationRequest request) {
        return generate(List.of(request)).getFirst();
    }

    /** Generates several texts together, each with the result it has alone; results in the requests' order. */
    public List<Generation> generate(List<GenerationRequest> requests) {
        throw new UnsupportedOperationException(engine + " " + requests);
    }
}
