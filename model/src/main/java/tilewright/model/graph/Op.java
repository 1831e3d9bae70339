package tilewright.model.graph;

import java.util.List;

/**
 * An operator: its shape rule and its exact float64 meaning; one record per file.
 *
 * <p>{@code B} is the batch, {@code T} the tokens of one image or sequence, {@code D} the width, {@code E} the experts, {@code h} an
 * expert's hidden width, {@code k} the experts per token.
 */
public sealed interface Op
        permits Normalize,
                PatchEmbed,
                Concat,
                Add,
                Scale,
                LayerNorm,
                Linear,
                Activate,
                Split,
                Attention,
                Router,
                Dispatch,
                Experts,
                Combine,
                SelectTokens,
                Embed,
                PositionEmbed,
                RmsNorm,
                Multiply,
                GatedUnit,
                Clamp,
                SplitHeads,
                JoinHeads,
                Rope,
                PositionScale,
                MaskedAttention,
                CausalConv,
                SelectiveScan,
                LinearRecurrence,
                LightningAttention,
                ScaleQueue,
                Collect,
                ExpertLinear,
                GatedExperts {
    /** The operator's name in the text form. */
    String mnemonic();

    /** The settings in the text form, {@code name=value} separated by comma and space; empty when there are none. */
    default String attributes() {
        return "";
    }

    /**
     * The types of the outputs for these operand types.
     *
     * @throws InvalidGraphException when their number, shapes or element types break the operator's rule
     */
    List<Type> infer(List<Type> inputs);

    /** The outputs for these operands, in float64; the operands obey the shape rule. */
    List<Tensor64> evaluate(List<Tensor64> inputs);
}
