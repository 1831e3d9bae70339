package tilewright.compiler.cli.language;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The shape of an OLMoE model (Muennighoff et al. 2024, arXiv 2409.02060): a norm over all of q and all of k, every block a
 * mixture of experts.
 *
 * @param hidden width of a token
 * @param layers blocks
 * @param heads attention heads, each with its own keys and values
 * @param experts experts of a block
 * @param expertHidden inner width of an expert
 * @param topK experts per token
 * @param vocabulary tokens
 * @param context longest sequence
 */
public record LanguageShape(
        int hidden, int layers, int heads, int experts, int expertHidden, int topK, int vocabulary, int context) {
    /** The factor of the rotary frequencies. */
    static final double ROPE_THETA = 10_000;

    /** The norms' epsilon. */
    static final double EPSILON = 1e-5;

    /**
     * A tensor of the model.
     *
     * @param gguf its name in GGUF files
     * @param published its name in published checkpoints; of stacked experts a pattern with {@code %d} for the expert
     * @param role what it does
     * @param layer its block, -1 outside of the blocks
     * @param shape extents, outermost first
     */
    record Weight(String gguf, String published, Role role, int layer, List<Long> shape) {
        /** The elements of a row. */
        int width() {
            return Math.toIntExact(shape.getLast());
        }

        /** The number of rows. */
        long rows() {
            return shape.stream().limit(shape.size() - 1L).reduce(1L, Math::multiplyExact);
        }
    }

    /** What a tensor does, as far as formats depend on it. */
    enum Role {
        /** A factor per column. */
        NORM,
        /** The scores of experts. */
        ROUTER,
        /** The embedding table. */
        EMBEDDING,
        /** The matrix that makes logits. */
        HEAD,
        /** The matrix that makes values of attention. */
        VALUES,
        /** The experts' last matrices, stacked. */
        EXPERTS_DOWN,
        /** The experts' first matrices, stacked. */
        EXPERTS_UP,
        /** Any other matrix. */
        MATRIX
    }

    /** The shapes that have a name. */
    public static Map<String, LanguageShape> named() {
        return new TreeMap<>(Map.of(
                // config.json of OLMoE-1B-7B-0924.
                "olmoe-1b-7b", new LanguageShape(2048, 16, 16, 64, 1024, 8, 50304, 4096),
                // Rows of 256, so that every format can hold them.
                "tiny-lm", new LanguageShape(256, 2, 4, 4, 256, 2, 512, 512)));
    }

    /** Every tensor, in the order of a file. */
    List<Weight> weights() {
        List<Weight> all = new ArrayList<>();
        all.add(weight("token_embd", "model.embed_tokens", Role.EMBEDDING, -1, vocabulary, hidden));
        for (int i = 0; i < layers; i++) {
            String block = "blk." + i + ".";
            String layer = "model.layers." + i + ".";
            all.add(weight(block + "attn_norm", layer + "input_layernorm", Role.NORM, i, hidden));
            all.add(weight(block + "attn_q", layer + "self_attn.q_proj", Role.MATRIX, i, hidden, hidden));
            all.add(weight(block + "attn_k", layer + "self_attn.k_proj", Role.MATRIX, i, hidden, hidden));
            all.add(weight(block + "attn_v", layer + "self_attn.v_proj", Role.VALUES, i, hidden, hidden));
            all.add(weight(block + "attn_output", layer + "self_attn.o_proj", Role.MATRIX, i, hidden, hidden));
            all.add(weight(block + "attn_q_norm", layer + "self_attn.q_norm", Role.NORM, i, hidden));
            all.add(weight(block + "attn_k_norm", layer + "self_attn.k_norm", Role.NORM, i, hidden));
            all.add(weight(block + "ffn_norm", layer + "post_attention_layernorm", Role.NORM, i, hidden));
            all.add(weight(block + "ffn_gate_inp", layer + "mlp.gate", Role.ROUTER, i, experts, hidden));
            String expert = layer + "mlp.experts.%d.";
            all.add(weight(
                    block + "ffn_gate_exps", expert + "gate_proj", Role.EXPERTS_UP, i, experts, expertHidden, hidden));
            all.add(weight(
                    block + "ffn_up_exps", expert + "up_proj", Role.EXPERTS_UP, i, experts, expertHidden, hidden));
            all.add(weight(
                    block + "ffn_down_exps",
                    expert + "down_proj",
                    Role.EXPERTS_DOWN,
                    i,
                    experts,
                    hidden,
                    expertHidden));
        }
        all.add(weight("output_norm", "model.norm", Role.NORM, -1, hidden));
        all.add(weight("output", "lm_head", Role.HEAD, -1, vocabulary, hidden));
        return all;
    }

    private static Weight weight(String gguf, String published, Role role, int layer, long... shape) {
        return new Weight(
                gguf + ".weight",
                published + ".weight",
                role,
                layer,
                Arrays.stream(shape).boxed().toList());
    }
}
