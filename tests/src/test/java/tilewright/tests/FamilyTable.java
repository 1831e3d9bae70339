package tilewright.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tilewright.edge.language.CacheFormat;
import tilewright.edge.language.Chunk;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.GenerationRequest;
import tilewright.edge.language.Generator;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.language.Logits;
import tilewright.edge.language.Sequence;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorSource;

/**
 * Runs sample models through the engine in float32 and writes how far they are from their reference outputs, as
 * {@code docs/family-results.md}.
 *
 * <p>{@code FamilyTable OUT FOLDER...}: folders of samples as in {@code tests/arch-zoo}. A sample's name is its folder's.
 */
public final class FamilyTable {
    private static final double TOLERANCE = 1e-4;

    private FamilyTable() {}

    /** One sample's result. */
    private record Row(String sample, String family, String modelClass, double difference, String greedy) {}

    /** Runs all samples and writes the table. */
    public static void main(String[] arguments) throws IOException {
        Map<String, Row> rows = new TreeMap<>();
        Map<String, String> refused = new TreeMap<>();
        for (String root : Arrays.asList(arguments).subList(1, arguments.length)) {
            try (Stream<Path> folders = Files.list(Path.of(root))) {
                for (Path folder : folders.sorted().toList()) {
                    if (Files.exists(folder.resolve("golden.safetensors"))) {
                        run(folder, rows, refused);
                    }
                }
            }
        }
        Files.writeString(Path.of(arguments[0]), text(rows, refused));
        System.out.println(rows.size() + " samples ran, " + refused.size() + " did not");
    }

    private static void run(Path folder, Map<String, Row> rows, Map<String, String> refused) {
        String sample = folder.getFileName().toString();
        try (TensorSource golden = Safetensors.open(folder.resolve("golden.safetensors"))) {
            if (!golden.names().contains("generated")) {
                return;
            }
            try (LoadedLanguageModel model = LanguageModels.load(folder);
                    LanguageEngine engine =
                            LanguageEngine.load(model, EngineOptions.defaults().withCacheFormat(CacheFormat.F32))) {
                rows.put(sample, compare(sample, model, engine, golden));
            }
        } catch (InvalidInputException e) {
            refused.put(sample, e.getMessage());
        }
    }

    private static Row compare(String sample, LoadedLanguageModel model, LanguageEngine engine, TensorSource golden) {
        int[] source = ids(golden, "input_ids");
        boolean encoder = engine.encoderDecoder();
        int[] ids = encoder ? ids(golden, "decoder_input_ids") : source;
        double difference = 0;
        try (Sequence sequence = encoder ? engine.newSequence(source) : engine.newSequence()) {
            Logits logits = engine.step(Chunk.all(sequence, ids));
            float[] expected = golden.floats("logits");
            for (int i = 0; i < expected.length; i++) {
                difference = Math.max(difference, Math.abs(expected[i] - logits.data()[i]));
            }
        }
        int[] generated = ids(golden, "generated");
        int[] prompt = encoder ? new int[] {model.decoderStartToken().orElse(0)} : ids;
        int[] found = new Generator(engine)
                .generate(GenerationRequest.of(prompt, generated.length).withEncoder(encoder ? source : new int[0]))
                .ids();
        int equal = Arrays.mismatch(generated, found);
        String greedy = (equal < 0 ? generated.length : equal) + " of " + generated.length;
        return new Row(
                sample,
                model.family(),
                model.config().path("architectures").path(0).asText(),
                difference,
                greedy);
    }

    private static int[] ids(TensorSource source, String name) {
        float[] values = source.floats(name);
        return IntStream.range(0, values.length).map(i -> (int) values[i]).toArray();
    }

    private static String text(Map<String, Row> rows, Map<String, String> refused) {
        Map<String, List<Row>> families = new LinkedHashMap<>();
        rows.values().stream()
                .sorted(Comparator.comparing(Row::family).thenComparing(Row::sample))
                .forEach(row -> families.computeIfAbsent(row.family(), family -> new ArrayList<>())
                        .add(row));
        StringBuilder text = new StringBuilder("""
                # Families, checked

                Sample models with random weights (see [tests/arch-zoo](../tests/arch-zoo/README.md)) through the engine in
                float32, beside what transformers computes: the largest difference of a logit over 24 tokens (8 of a decoder
                behind an encoder), and how many of the 8 tokens that follow greedily are the same. Written by
                `tilewright.tests.FamilyTable`.

                """);
        long close = rows.values().stream()
                .filter(row -> row.difference() <= TOLERANCE)
                .count();
        text.append(rows.size())
                .append(" samples of ")
                .append(families.size())
                .append(" families; ")
                .append(close);
        text.append(
                " within 1e-4.\n\n| family | class | sample | largest difference | greedy tokens |\n|---|---|---|---|---|\n");
        families.forEach((family, samples) -> samples.forEach(row -> text.append(String.format(
                Locale.ROOT,
                "| %s | %s | %s | %.1e%s | %s |%n",
                family,
                row.modelClass(),
                row.sample(),
                row.difference(),
                row.difference() <= TOLERANCE ? "" : " !",
                row.greedy()))));
        if (!refused.isEmpty()) {
            text.append("\nNot run: ")
                    .append(String.join(", ", refused.keySet()))
                    .append(".\n");
        }
        return text.toString();
    }
}
