package tilewright.compiler.quant;

import tilewright.hw.arith.LayerNormParameters;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.Step;
import tilewright.hw.program.TokenRange;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.Node;
import tilewright.model.graph.SelectTokens;

/** Lowers {@link LayerNorm} of the residual stream. */
final class NormLowering {
    private final LoweredTask task;

    NormLowering(LoweredTask task) {
        this.task = task;
    }

    void lower(Node node, LayerNorm norm) {
        if (norm.groups() != 1 || node.inputs().size() != 3) {
            throw task.unsupported(node, "the LayerNorm unit norms whole rows, with gamma and beta");
        }
        String result = node.outputs().getFirst();
        task.requireNewestResidual(node, node.inputs().getFirst());
        task.enterBlockOf(result);
        int tokens = task.residual().tokens();
        int features = task.residual().features();
        Buffer buffer = task.activationBuffer(result, tokens, features);
        task.add(new Step.Norm(
                result,
                task.block(),
                task.residual(),
                usedTokens(result, tokens),
                parameters(node, norm, buffer.scale()),
                buffer));
        task.put(result, new Place.Rows(buffer, new TokenRange(0, tokens)));
    }

    private LayerNormParameters parameters(Node node, LayerNorm norm, double outputScale) {
        try {
            return LayerNormParameters.quantise(
                    task.floats(node.inputs().get(1)),
                    task.floats(node.inputs().get(2)),
                    norm.epsilon(),
                    task.residual().scale(),
                    task.format().residualBits(),
                    outputScale);
        } catch (IllegalArgumentException e) {
            throw task.unsupported(node, e.getMessage());
        }
    }

    /** The rows of a value that its readers select; all of them unless every reader selects. */
    private TokenRange usedTokens(String value, int tokens) {
        int first = tokens;
        int last = 0;
        for (Node reader : task.readers(value)) {
            if (!(reader.op() instanceof SelectTokens select)) {
                return new TokenRange(0, tokens);
            }
            int count = task.shape(reader.outputs().getFirst()).size(1);
            first = Math.min(first, select.start());
            last = Math.max(last, select.start() + count);
        }
        return last == 0 || task.outputValue().equals(value)
                ? new TokenRange(0, tokens)
                : new TokenRange(first, last - first);
    }
}
