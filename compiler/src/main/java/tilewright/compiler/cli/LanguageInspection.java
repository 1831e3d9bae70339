package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tilewright.compiler.cli.language.LanguageSummary;
import tilewright.edge.language.CacheFormat;
import tilewright.model.family.language.LoadedLanguageModel;

/** {@code tilewright inspect} of a language model. */
final class LanguageInspection {
    private static final int BAR = 24;

    private final Console console;
    private final LoadedLanguageModel model;
    private final LanguageSummary summary;

    LanguageInspection(Console console, LoadedLanguageModel model) {
        this.console = console;
        this.model = model;
        this.summary = LanguageSummary.of(model);
    }

    /** Prints it for a person. */
    void print() {
        console.line("%s: %s%s", model.path(), model.family(), model.encoderDecoder() ? ", encoder and decoder" : "");
        console.line("  parameters  %s", count(summary.parameters()));
        console.line(
                "  per token   %s parameters, %s of weights",
                count(summary.activeParameters()), BoardsCommand.binary(summary.bytesPerToken()));
        console.line(
                "  shape       %d blocks of width %d, vocabulary %d",
                model.layers(), model.hiddenSize(), model.vocabularySize());
        routers()
                .forEach((experts, blocks) -> console.line(
                        "  experts     %d per block, %d per token, in %d blocks",
                        experts.experts(), experts.topK(), blocks));
        console.line("  context     %s", contextText());
        console.line(
                "  KV cache    %s per token in f16, %s in q8",
                BoardsCommand.binary(summary.cacheBytes(CacheFormat.F16)),
                BoardsCommand.binary(summary.cacheBytes(CacheFormat.Q8)));
        console.line("");
        console.line("  %-16s %10s %12s  %s", "part", "parameters", "stored", "");
        summary.parts()
                .forEach((name, part) -> console.line(
                        "  %-16s %10s %12s  %s %s",
                        name,
                        count(part.parameters()),
                        BoardsCommand.binary(part.bytes()),
                        console.bar((double) part.bytes() / Math.max(1, summary.weightBytes()), BAR),
                        String.join(", ", part.formats().keySet())));
        model.warnings().forEach(warning -> console.note("warning: " + warning));
    }

    /** Describes it for a script. */
    ObjectNode describe() {
        ObjectNode answer = Console.object();
        answer.put("model", model.path().toString());
        answer.put("family", model.family());
        answer.put("parameters", summary.parameters());
        answer.put("active_parameters", summary.activeParameters());
        answer.put("weight_bytes", summary.weightBytes());
        answer.put("weight_bytes_per_token", summary.bytesPerToken());
        answer.put("layers", model.layers());
        answer.put("hidden_size", model.hiddenSize());
        answer.put("vocabulary_size", model.vocabularySize());
        answer.put("encoder_decoder", model.encoderDecoder());
        if (model.contextLength() < Integer.MAX_VALUE) {
            answer.put("context", model.contextLength());
        } else {
            answer.putNull("context");
        }
        ArrayNode experts = answer.putArray("experts");
        routers()
                .forEach((kind, blocks) -> experts.addObject()
                        .put("experts", kind.experts())
                        .put("top_k", kind.topK())
                        .put("blocks", blocks));
        ObjectNode cache = answer.putObject("cache_bytes_per_token");
        for (CacheFormat format : CacheFormat.values()) {
            cache.put(format.name().toLowerCase(Locale.ROOT), summary.cacheBytes(format));
        }
        ObjectNode parts = answer.putObject("parts");
        summary.parts().forEach((name, part) -> {
            ObjectNode node = parts.putObject(name);
            node.put("parameters", part.parameters());
            node.put("bytes", part.bytes());
            part.formats().forEach(node.putObject("formats")::put);
        });
        ArrayNode warnings = answer.putArray("warnings");
        model.warnings().forEach(warnings::add);
        return answer;
    }

    /** The blocks of each kind of router. */
    private Map<LanguageSummary.Experts, Long> routers() {
        List<LanguageSummary.Experts> all = summary.routers();
        return all.stream().collect(Collectors.groupingBy(each -> each, LinkedHashMap::new, Collectors.counting()));
    }

    private String contextText() {
        return model.contextLength() < Integer.MAX_VALUE ? model.contextLength() + " tokens" : "no limit is given";
    }

    private static String count(long count) {
        if (count < 1_000_000) {
            return count < 10_000 ? Long.toString(count) : String.format(Locale.ROOT, "%.1f k", count / 1e3);
        }
        return count < 1_000_000_000
                ? String.format(Locale.ROOT, "%.2f M", count / 1e6)
                : String.format(Locale.ROOT, "%.2f G", count / 1e9);
    }
}
