package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tilewright.compiler.cli.language.ModelKind;
import tilewright.model.InvalidInputException;
import tilewright.model.family.Families;
import tilewright.model.family.ImageGeometry;
import tilewright.model.family.LoadedModel;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.Type;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.TensorInfo;

/** {@code tilewright inspect}: what a model is, before anything is done with it. */
@Command(name = "inspect", description = "Says what a model consists of and costs.")
final class InspectCommand implements Callable<Integer> {
    private static final int BAR = 24;

    private final Console console;

    @Parameters(
            paramLabel = "MODEL",
            description = "Folder with config.json and safetensors, or a .gguf file of a language model.")
    private Path folder;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    InspectCommand(Console console) {
        this.console = console;
    }

    /** The tensors of one type. */
    private record Tensors(long count, long elements, long bytes) {
        Tensors plus(TensorInfo info) {
            return new Tensors(count + 1, elements + info.elements(), bytes + info.bytes());
        }
    }

    @Override
    public Integer call() {
        switch (ModelKind.of(folder)) {
            case BUILD ->
                throw new InvalidInputException(folder + ": is a build directory, not a model; its report.html and"
                        + " plan.json say what it holds");
            case LANGUAGE -> inspectLanguageModel();
            case VISION -> inspectVisionModel();
        }
        return 0;
    }

    private void inspectLanguageModel() {
        try (LoadedLanguageModel model = LanguageModels.load(folder)) {
            LanguageInspection inspection = new LanguageInspection(console, model);
            if (json) {
                console.json(inspection.describe());
            } else {
                inspection.print();
            }
        }
    }

    private void inspectVisionModel() {
        try (LoadedModel model = Families.load(folder)) {
            ModelSummary summary = ModelSummary.of(model);
            Map<DType, Tensors> tensors = new TreeMap<>();
            for (String name : model.tensors().names()) {
                TensorInfo info = model.tensors().info(name);
                tensors.merge(info.dtype(), new Tensors(0, 0, 0).plus(info), (sum, one) -> sum.plus(info));
            }
            if (json) {
                console.json(describe(model, summary, tensors));
            } else {
                print(model, summary, tensors);
            }
        }
    }

    private void print(LoadedModel model, ModelSummary summary, Map<DType, Tensors> tensors) {
        ImageGeometry image = model.image();
        console.line("%s: %s", model.folder(), model.family());
        console.line(
                "  image       %d x %d x %d (channels x rows x columns), %d patches of %d x %d",
                image.channels(), image.height(), image.width(), image.patches(), image.patch(), image.patch());
        console.line("  parameters  %s", count(summary.parameters()));
        console.line(
                "  compute     %s multiply-accumulates per image%s",
                count(summary.macs()), model.graph().tasks().size() > 1 ? " and task" : "");
        outputs(model).forEach((name, shape) -> console.line("  output      %s %s", name, shape));
        tensors.forEach((type, all) -> console.line(
                "  tensors     %d of %s, %s", all.count(), type.label(), BoardsCommand.binary(all.bytes())));
        console.line("");
        console.line("  %-10s %-34s %10s  %s", "part", "", "parameters", "multiply-accumulates");
        long most = summary.parts().stream()
                .mapToLong(ModelSummary.Part::macs)
                .max()
                .orElse(1);
        for (ModelSummary.Part part : summary.parts()) {
            console.line(
                    "  %-10s %-34s %10s  %s %s",
                    part.name(),
                    part.router() == null ? "" : text(part.router()),
                    count(part.parameters()),
                    console.bar((double) part.macs() / Math.max(1, most), BAR),
                    count(part.macs()));
        }
        for (String warning : model.warnings()) {
            console.note("warning: " + warning);
        }
    }

    private static Map<String, String> outputs(LoadedModel model) {
        Map<String, Type> types = model.graph().types();
        Map<String, String> outputs = new LinkedHashMap<>();
        model.graph().outputs().forEach((name, value) -> outputs.put(name, Outputs.shapeText(types.get(value))));
        return outputs;
    }

    private static String text(RouterSettings router) {
        return "top " + router.topK() + " of " + router.experts() + " experts"
                + (router.gateTasks().size() > 1 ? ", " + router.gateTasks().size() + " gates" : "")
                + (router.renormalise() ? ", renormalised" : "");
    }

    private static String count(long count) {
        if (count < 10_000) {
            return Long.toString(count);
        }
        return count < 1_000_000
                ? String.format(Locale.ROOT, "%.1f k", count / 1e3)
                : String.format(Locale.ROOT, "%.2f M", count / 1e6);
    }

    private ObjectNode describe(LoadedModel model, ModelSummary summary, Map<DType, Tensors> tensors) {
        ObjectNode answer = Console.object();
        answer.put("model", folder.toString());
        answer.put("family", model.family());
        answer.put("parameters", summary.parameters());
        answer.put("macs_per_image", summary.macs());
        ImageGeometry image = model.image();
        answer.putObject("image")
                .put("channels", image.channels())
                .put("height", image.height())
                .put("width", image.width())
                .put("patch", image.patch())
                .put("patches", image.patches());
        strings(answer.putArray("tasks"), model.graph().tasks());
        Map<String, Type> types = model.graph().types();
        ObjectNode outputs = answer.putObject("outputs");
        model.graph().outputs().forEach((name, value) -> {
            ArrayNode shape = outputs.putArray(name);
            for (int size : Outputs.shape(types.get(value))) {
                shape.add(size);
            }
        });
        ArrayNode layers = answer.putArray("layers");
        for (ModelSummary.Part part : summary.parts()) {
            ObjectNode layer = layers.addObject();
            layer.put("name", part.name());
            layer.put("parameters", part.parameters());
            layer.put("macs_per_image", part.macs());
            if (part.router() != null) {
                ObjectNode router = layer.putObject("router");
                router.put("experts", part.router().experts());
                router.put("top_k", part.router().topK());
                router.put("score", lower(part.router().score()));
                router.put("normalise", lower(part.router().normalise()));
                router.put("select", lower(part.router().select()));
                router.put("renormalise", part.router().renormalise());
                strings(router.putArray("gate_tasks"), part.router().gateTasks());
            }
        }
        ObjectNode byType = answer.putObject("tensors");
        tensors.forEach((type, all) -> byType.putObject(type.label())
                .put("count", all.count())
                .put("elements", all.elements())
                .put("bytes", all.bytes()));
        strings(answer.putArray("warnings"), model.warnings());
        return answer;
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static void strings(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }
}
