package tilewright.compiler.build;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tilewright.boards.Board;
import tilewright.compiler.Version;
import tilewright.compiler.plan.ResourceUse;
import tilewright.compiler.plan.TaskEstimate;
import tilewright.compiler.quant.QuantisedModel;
import tilewright.compiler.report.ReportData;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.Program;
import tilewright.hw.program.Step;
import tilewright.hw.program.TaskProgram;
import tilewright.model.family.LoadedModel;
import tilewright.model.graph.Parameter;

/** Fills the report from a compilation. */
final class ReportContent {
    private final LoadedModel model;
    private final Compilation compilation;
    private final Program program;

    ReportContent(LoadedModel model, Compilation compilation) {
        this.model = model;
        this.compilation = compilation;
        program = compilation.quantised().program();
    }

    ReportData data(List<BuildManifest.Artefact> artefacts) {
        return new ReportData(
                summary(),
                new ReportData.ModelGraph(nodes(), edges()),
                estimate(),
                times(),
                resources(),
                null,
                List.of(),
                calibration(),
                routerLoad(),
                placement(),
                settings(),
                artefacts.stream()
                        .map(file -> new ReportData.Artefact(file.path(), file.bytes(), file.sha256()))
                        .toList(),
                compilation.warnings().stream()
                        .map(text -> new ReportData.Note(ReportData.Level.WARNING, text))
                        .toList());
    }

    private ReportData.Summary summary() {
        Board board = compilation.plan().board();
        long parameters = model.graph().parameters().values().stream()
                .mapToLong(ReportContent::elements)
                .sum();
        return new ReportData.Summary(
                program.name(),
                model.family(),
                parameters,
                board.name(),
                board.description(),
                compilation.plan().estimate().clockMhz(),
                program.format().activationBits(),
                program.tasks().stream().map(TaskProgram::task).toList(),
                Version.current());
    }

    private static long elements(Parameter parameter) {
        long elements = 1;
        for (int axis = 0; axis < parameter.type().shape().rank(); axis++) {
            elements *= parameter.type().shape().size(axis);
        }
        return elements;
    }

    /** The trunk is the same for all tasks; each task has its own head. */
    private List<ReportData.GraphNode> nodes() {
        List<ReportData.GraphNode> nodes = new ArrayList<>();
        nodes.add(node(
                ReportData.NodeKind.INPUT,
                "image",
                "[" + program.geometry().channels() + ", " + program.geometry().height() + ", "
                        + program.geometry().width() + "]",
                -1));
        int topK = 0;
        for (Step step : program.tasks().getFirst().steps()) {
            int block = blockNumber(step.block());
            switch (step) {
                case Step.Embed embed -> nodes.add(node(ReportData.NodeKind.EMBED, "embed", shape(embed.output()), -1));
                case Step.Attention attention ->
                    nodes.add(new ReportData.GraphNode(
                            ReportData.NodeKind.ATTENTION,
                            attention.name(),
                            shape(attention.output()),
                            block,
                            attention.heads(),
                            0,
                            0));
                case Step.Linear linear
                when linear.activation() != null ->
                    nodes.add(new ReportData.GraphNode(
                            ReportData.NodeKind.MLP,
                            linear.name(),
                            shape(linear.output()),
                            block,
                            linear.linear().outputs(),
                            0,
                            0));
                case Step.Route route -> topK = route.topK();
                case Step.Experts experts ->
                    nodes.add(new ReportData.GraphNode(
                            ReportData.NodeKind.MOE,
                            experts.name(),
                            shape(experts.output()),
                            block,
                            experts.hidden().features(),
                            experts.first().size(),
                            topK));
                case Step.Norm norm
                when block < 0 -> nodes.add(node(ReportData.NodeKind.NORM, norm.name(), shape(norm.output()), -1));
                case Step.Norm norm -> {}
                case Step.Linear linear -> {}
            }
        }
        for (TaskProgram task : program.tasks()) {
            nodes.add(node(ReportData.NodeKind.HEAD, task.task(), shape(task.result()), -1));
        }
        return nodes;
    }

    private List<ReportData.GraphEdge> edges() {
        List<ReportData.GraphNode> nodes = nodes();
        int trunk = nodes.size() - program.tasks().size();
        List<ReportData.GraphEdge> edges = new ArrayList<>();
        for (int i = 1; i < nodes.size(); i++) {
            edges.add(new ReportData.GraphEdge(
                    nodes.get(Math.min(i, trunk) - 1).name(), nodes.get(i).name()));
        }
        return edges;
    }

    private static ReportData.GraphNode node(ReportData.NodeKind kind, String name, String shape, int block) {
        return new ReportData.GraphNode(kind, name, shape, block, 0, 0, 0);
    }

    private static String shape(Buffer buffer) {
        return "[" + buffer.tokens() + ", " + buffer.features() + "]";
    }

    private static int blockNumber(String block) {
        return block.startsWith("block") ? Integer.parseInt(block.substring("block".length())) : -1;
    }

    private ReportData.Estimate estimate() {
        TaskEstimate task = compilation.plan().estimate().slowest();
        return new ReportData.Estimate(
                task.cycles(),
                task.milliseconds(),
                task.imagesPerSecond(),
                Math.round(task.work().bytes()),
                "%s, %.2g mJ"
                        .formatted(task.energy().powerClass(), task.energy().millijoulesPerImage()),
                Math.round(task.macs()),
                Math.round(task.bound().macCycles()),
                Math.round(task.bound().byteCycles()),
                task.bound().fraction());
    }

    private List<ReportData.StageTime> times() {
        return compilation.plan().estimate().slowest().blocks().stream()
                .map(block -> new ReportData.StageTime(
                        block.block(),
                        Math.round(block.work().computeCycles()),
                        Math.round(block.work().memoryCycles()),
                        Math.round(block.work().cycles())))
                .toList();
    }

    private List<ReportData.Resource> resources() {
        ResourceUse use = compilation.plan().estimate().resources();
        tilewright.boards.Resources board = compilation.plan().board().resources();
        List<ReportData.Resource> resources = new ArrayList<>();
        resources.add(new ReportData.Resource("LUT", Math.round(use.lut()), board.lut()));
        resources.add(new ReportData.Resource("FF", Math.round(use.ff()), board.ff()));
        resources.add(new ReportData.Resource("DSP", use.dsp().total(), board.dsp()));
        resources.add(new ReportData.Resource("BRAM", Math.round(Math.ceil(use.bram36())), (long) board.bram36()));
        if (board.uram() > 0) {
            resources.add(new ReportData.Resource("URAM", use.uram(), (long) board.uram()));
        }
        return resources;
    }

    private List<ReportData.Calibration> calibration() {
        QuantisedModel quantised = compilation.quantised();
        return quantised.tensors().stream()
                .map(tensor -> new ReportData.Calibration(
                        tensor.name(),
                        tensor.largest(),
                        tensor.scale(),
                        quantised.policy().label(),
                        finite(tensor.signalToNoiseDb().get(quantised.policy()))))
                .toList();
    }

    private static Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private List<ReportData.RouterLoad> routerLoad() {
        List<ReportData.RouterLoad> loads = new ArrayList<>();
        for (TaskProgram task : program.tasks()) {
            Map<String, long[]> routing = compilation.quantised().routing().get(task.task());
            for (Step step : task.steps()) {
                if (step instanceof Step.Route route) {
                    List<Long> counts =
                            Arrays.stream(routing.get(route.name())).boxed().toList();
                    loads.add(new ReportData.RouterLoad(route.block(), task.task(), counts));
                }
            }
        }
        return loads;
    }

    private List<ReportData.Placement> placement() {
        return compilation.plan().estimate().resources().buffers().stream()
                .map(buffer -> new ReportData.Placement(
                        buffer.name(),
                        buffer.storage().name(),
                        (buffer.bits() + 7) / 8,
                        buffer.banks() + " banks of " + buffer.depth() + " x " + buffer.widthBits() + " bits"))
                .toList();
    }

    private List<ReportData.Setting> settings() {
        DesignParameters sizes = compilation.plan().parameters();
        return List.of(
                setting("lanes", sizes.lanes(), "inputs of the tile per cycle, elements of a memory word"),
                setting("tileOutputs", sizes.tileOutputs(), "outputs of the tile per cycle"),
                setting("tokenTile", sizes.tokenTile(), "rows of the linear unit's input buffer"),
                setting("queryGroup", sizes.queryGroup(), "queries that attention serves with each key it streams"),
                setting("normLanes", sizes.normLanes(), "elements that LayerNorm takes per cycle"),
                setting("routerExperts", sizes.routerExperts(), "experts that the router scores at a time"),
                setting("weightPorts", sizes.weightPorts(), "AXI ports that weights are interleaved over"),
                setting("weightStorage", sizes.weightStorage(), "memory of the double-buffered weight tile"),
                setting("inputStorage", sizes.inputStorage(), "memory of the input rows"));
    }

    private static ReportData.Setting setting(String name, Object value, String meaning) {
        return new ReportData.Setting(name, value.toString(), meaning);
    }
}
