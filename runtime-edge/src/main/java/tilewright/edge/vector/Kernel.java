package tilewright.edge.vector;

import java.util.List;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Add;
import tilewright.model.graph.Attention;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Concat;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Experts;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Normalize;
import tilewright.model.graph.Op;
import tilewright.model.graph.PatchEmbed;
import tilewright.model.graph.Router;
import tilewright.model.graph.Scale;
import tilewright.model.graph.SelectTokens;
import tilewright.model.graph.Split;

/** Computes one operator; operands obey the operator's shape rule. */
@FunctionalInterface
interface Kernel {
    /** The outputs for these operands. */
    List<Value> run(List<Operand> operands, Context context);

    /** Loads a parameter in the form in which this kernel reads operand {@code index}. */
    default void load(Operand weight, int index) {
        weight.data();
    }

    /** What a kernel works with: arrays for its outputs and threads for its loops. */
    record Context(Buffers buffers, Workers workers) {
        /** A new value of this shape with any content. */
        Value make(int... dims) {
            int elements = 1;
            for (int dim : dims) {
                elements = Math.multiplyExact(elements, dim);
            }
            return Value.in(buffers.take(elements), dims);
        }

        /** A new value [..., width] with the leading dimensions of {@code like}. */
        Value makeRows(Operand like, int width) {
            int[] dims = like.dims().clone();
            dims[dims.length - 1] = width;
            return make(dims);
        }
    }

    /** The kernel of an operator. */
    static Kernel of(Op op) {
        return switch (op) {
            case Normalize(float[] scale, float[] offset) -> new NormalizeKernel(scale, offset);
            case PatchEmbed(int patch) -> new PatchEmbedKernel(patch);
            case Concat _ -> TokenKernels::concat;
            case Add _ -> ElementKernels::add;
            case Scale(double factor) -> (operands, context) -> ElementKernels.scale(operands, (float) factor, context);
            case LayerNorm(double epsilon, int groups) when groups == 1 -> new LayerNormKernel((float) epsilon);
            case Linear _ -> new LinearKernel();
            case Activate(var kind) -> new ActivateKernel(kind);
            case Split(int parts) -> (operands, context) -> TokenKernels.split(operands, parts);
            case Attention(int heads, double scale) -> new AttentionKernel(heads, (float) scale);
            case Router(var settings) when settings.isPlain() -> new RouterKernel(settings);
            case Dispatch(int experts, boolean split) when !split -> new DispatchKernel(experts);
            case Experts(var activation) -> new ExpertsKernel(activation);
            case Combine(int topK, boolean weighted) when weighted -> new CombineKernel(topK);
            case SelectTokens selectTokens -> TokenKernels.select(selectTokens);
            default -> throw unsupported(op);
        };
    }

    private static InvalidGraphException unsupported(Op op) {
        return new InvalidGraphException("operator '" + op.mnemonic() + "'"
                + (op.attributes().isEmpty() ? "" : " with " + op.attributes())
                + " is not supported by the float executor; the float64 interpreter runs it");
    }
}
