package tilewright.model.family;

import java.util.List;

/**
 * {@code vit}: {@code ViTForImageClassification} and {@code ViTModel} as written by {@code save_pretrained}.
 *
 * <p>Outputs: {@code logits} [B,1,classes] when the checkpoint has a {@code classifier}; otherwise
 * {@code last_hidden_state} [B,T,D] and, with a pooler, {@code pooler_output} [B,1,D].
 */
final class Vit implements Family {
    private static final double[] HALF = {0.5, 0.5, 0.5};

    @Override
    public String modelType() {
        return "vit";
    }

    @Override
    public BuiltModel build(ModelConfig config, Weights weights) {
        HuggingFaceVit model = new HuggingFaceVit(modelType(), config, weights);
        String norm = model.tokens(List.of("cls_token"), HALF, HALF);
        if (weights.has("classifier.weight")) {
            String cls = model.encoder.token("norm.cls", norm, 0);
            model.graph.output("logits", model.head("logits", cls, "classifier"));
        } else {
            model.graph.output("last_hidden_state", norm);
            model.pooler(norm);
        }
        return model.build();
    }
}
