package tilewright.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tilewright.model.tensor.GoldenData;

/** Vocabularies inside GGUF files against the ids that another implementation gives. */
class GoldenVocabulariesTest {
    private static final String SEPARATOR = "\n__ggml_vocab_test__\n";

    @TestFactory
    Stream<DynamicTest> everyCaseHasTheExpectedIds() throws IOException {
        return vocabularies()
                .map(gguf -> DynamicTest.dynamicTest(gguf.getFileName().toString(), () -> {
                    Tokenizer tokenizer = Tokenizers.load(gguf);
                    List<String> cases = cases(gguf);
                    List<String> expected = Files.readAllLines(Path.of(gguf + ".out"));
                    for (int i = 0; i < expected.size(); i++) {
                        String found = Arrays.stream(tokenizer.encode(cases.get(i), false, false))
                                .mapToObj(Integer::toString)
                                .collect(Collectors.joining(" "));
                        assertEquals(expected.get(i).trim(), found, "case " + i + ": " + cases.get(i));
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyCaseIsDecodedToItsText() throws IOException {
        // BERT drops case, accents and white space.
        return vocabularies()
                .filter(gguf -> !gguf.toString().contains("bert"))
                .map(gguf -> DynamicTest.dynamicTest(gguf.getFileName().toString(), () -> {
                    Tokenizer tokenizer = Tokenizers.load(gguf);
                    for (String text : cases(gguf)) {
                        int[] ids = tokenizer.encode(text, false, false);
                        assertEquals(text, tokenizer.decode(ids));
                        assertEquals(text, streamed(tokenizer, ids));
                    }
                }));
    }

    private static String streamed(Tokenizer tokenizer, int[] ids) {
        TokenStream stream = tokenizer.stream(false);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(stream.append(id));
        }
        return text.append(stream.finish()).toString();
    }

    private static Stream<Path> vocabularies() throws IOException {
        try (Stream<Path> files = Files.list(GoldenData.folder().resolve("tokenizers"))) {
            return files.filter(file -> file.toString().endsWith(".gguf")).sorted().toList().stream();
        }
    }

    private static List<String> cases(Path gguf) throws IOException {
        List<String> cases = List.of(Files.readString(Path.of(gguf + ".inp")).split(SEPARATOR, -1));
        return cases.subList(0, cases.size() - 1);
    }
}
