package tilewright.compiler.quant;

import tilewright.compiler.CompileException;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.Step;
import tilewright.hw.program.TokenRange;
import tilewright.model.graph.Attention;
import tilewright.model.graph.Node;
import tilewright.model.graph.Split;

/** Lowers {@link Attention} on the three parts of one linear layer. */
final class AttentionLowering {
    private final LoweredTask task;

    AttentionLowering(LoweredTask task) {
        this.task = task;
    }

    void split(Node node, Split split) {
        Place.Rows rows = task.rows(node, node.inputs().getFirst());
        for (int i = 0; i < split.parts(); i++) {
            task.put(
                    node.outputs().get(i),
                    new Place.Part(rows.buffer(), i, node.outputs().get(i)));
        }
    }

    void lower(Node node, Attention attention) {
        Buffer qkv = null;
        for (int i = 0; i < 3; i++) {
            if (!(task.place(node.inputs().get(i)) instanceof Place.Part(Buffer buffer, int index, String value))
                    || index != i
                    || (qkv != null && qkv != buffer)) {
                throw task.unsupported(node, "its operands must be the three parts of one linear layer, in order");
            }
            qkv = buffer;
        }
        String result = node.outputs().getFirst();
        int tokens = qkv.tokens();
        Buffer buffer = new Buffer(
                result,
                tokens,
                attention.heads(),
                qkv.groupSize(),
                task.format().activationBits(),
                task.scales().activation(result));
        double score = task.scales().activation(node.inputs().get(0))
                * task.scales().activation(node.inputs().get(1))
                * attention.scale()
                * LoweredTask.base2Scores();
        double context = Math.scalb(
                task.scales().activation(node.inputs().get(2)) / buffer.scale(),
                -task.softmax().probabilityBits());
        Step.Attention step = new Step.Attention(
                result,
                task.block(),
                qkv,
                attention.heads(),
                LayerQuantiser.requantizer(result, score),
                LayerQuantiser.requantizer(result, context),
                buffer);
        try {
            task.add(step.requireAccumulator(task.softmax(), task.format().accumulatorBits()));
        } catch (ArithmeticException e) {
            throw new CompileException(e.getMessage());
        }
        task.put(result, new Place.Rows(buffer, new TokenRange(0, tokens)));
    }
}
