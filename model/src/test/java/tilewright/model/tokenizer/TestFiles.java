package tilewright.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** The test resources of this package: small tokenizers, and what other implementations make of texts with them. */
final class TestFiles {
    static final String[] TOKENIZERS = {
        "byte-level-split",
        "byte-level-prefix",
        "split-behaviours",
        "byte-fallback",
        "metaspace-first",
        "continuing-prefix",
        "end-of-word",
        "word-piece-uncased",
        "word-piece-cased",
        "unigram",
        "unigram-lower",
        "word-level",
        "precompiled"
    };

    private TestFiles() {}

    static Path path(String name) {
        try {
            return Path.of(TestFiles.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static JsonNode json(String name) {
        try (InputStream in = TestFiles.class.getResourceAsStream(name)) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int[] ids(JsonNode array) {
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = array.get(i).asInt();
        }
        return ids;
    }
}
