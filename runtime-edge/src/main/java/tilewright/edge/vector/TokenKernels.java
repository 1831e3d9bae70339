package tilewright.edge.vector;

import java.util.ArrayList;
import java.util.List;
import tilewright.edge.Tensor;
import tilewright.model.graph.SelectTokens;

/** Operators that only move tokens: concat, split, select. Split, and selecting one token, are views. */
final class TokenKernels {
    private TokenKernels() {}

    static List<Value> concat(List<Operand> operands, Kernel.Context context) {
        int batch = 1;
        int tokens = 0;
        for (Operand operand : operands) {
            batch = operand.dims().length == 3 ? operand.dim(0) : batch;
            tokens += operand.dim(-2);
        }
        Value out = context.make(batch, tokens, operands.getFirst().dim(-1));
        int total = tokens;
        context.workers().forEach(batch, (image, _) -> {
            int to = image * total;
            for (Operand operand : operands) {
                int count = operand.dim(-2);
                int from = operand.dims().length == 3 ? image * count : 0;
                copyRows(operand, from, out, to, count);
                to += count;
            }
        });
        return List.of(out);
    }

    static List<Value> split(List<Operand> operands, int parts) {
        Operand x = operands.getFirst();
        Value base = x instanceof Value value ? value : Value.of(new Tensor(x.dims(), x.data()));
        int width = x.dim(-1) / parts;
        int[] dims = x.dims().clone();
        dims[dims.length - 1] = width;
        List<Value> out = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            out.add(base.view(x.offset() + part * width, x.rowStride(), dims));
        }
        return out;
    }

    static Kernel select(SelectTokens op) {
        return (operands, context) -> {
            Operand x = operands.getFirst();
            int tokens = x.dim(1);
            int kept = op.count() == -1 ? tokens - op.start() : op.count();
            if (kept == 1 && x instanceof Value value) {
                return List.of(value.view(x.row(op.start()), tokens * x.rowStride(), x.dim(0), 1, x.dim(2)));
            }
            Value out = context.make(x.dim(0), kept, x.dim(2));
            context.workers()
                    .forEach(x.dim(0), (image, _) -> copyRows(x, image * tokens + op.start(), out, image * kept, kept));
            return List.of(out);
        };
    }

    /** Copies rows; the target lies in one piece. */
    static void copyRows(Operand x, int from, Value out, int to, int count) {
        int width = x.dim(-1);
        if (x.rowStride() == width) {
            System.arraycopy(x.data(), x.row(from), out.data(), out.row(to), count * width);
        } else {
            for (int i = 0; i < count; i++) {
                System.arraycopy(x.data(), x.row(from + i), out.data(), out.row(to + i), width);
            }
        }
    }
}
