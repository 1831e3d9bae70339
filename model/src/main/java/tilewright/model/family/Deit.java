package tilewright.model.family;

import java.util.List;
import tilewright.model.graph.Add;
import tilewright.model.graph.Scale;

/**
 * {@code deit}: {@code DeiTForImageClassification}, {@code DeiTForImageClassificationWithTeacher} and {@code DeiTModel}
 * (Touvron et al. 2020, arXiv 2012.12877) as written by {@code save_pretrained}.
 *
 * <p>Outputs: {@code logits} [B,1,classes]; with a teacher they are the average of {@code cls_logits} (on the CLS token) and
 * {@code distillation_logits} (on the distillation token), which are outputs too. Without a head,
 * {@code last_hidden_state} [B,T,D] and, with a pooler, {@code pooler_output} [B,1,D].
 */
final class Deit implements Family {
    private static final double[] IMAGENET_MEAN = {0.485, 0.456, 0.406};
    private static final double[] IMAGENET_STD = {0.229, 0.224, 0.225};

    @Override
    public String modelType() {
        return "deit";
    }

    @Override
    public BuiltModel build(ModelConfig config, Weights weights) {
        HuggingFaceVit model = new HuggingFaceVit(modelType(), config, weights);
        String norm = model.tokens(List.of("cls_token", "distillation_token"), IMAGENET_MEAN, IMAGENET_STD);
        if (weights.has("cls_classifier.weight")) {
            String cls = model.encoder.token("norm.cls", norm, 0);
            String distillation = model.encoder.token("norm.distillation", norm, 1);
            String clsLogits = model.head("cls_logits", cls, "cls_classifier");
            String distillationLogits = model.head("distillation_logits", distillation, "distillation_classifier");
            String sum = model.graph.add("logits.sum", new Add(), clsLogits, distillationLogits);
            model.graph.output("logits", model.graph.add("logits", new Scale(0.5), sum));
            model.graph.output("cls_logits", clsLogits);
            model.graph.output("distillation_logits", distillationLogits);
        } else if (weights.has("classifier.weight")) {
            String cls = model.encoder.token("norm.cls", norm, 0);
            model.graph.output("logits", model.head("logits", cls, "classifier"));
        } else {
            model.graph.output("last_hidden_state", norm);
            model.pooler(norm);
        }
        return model.build();
    }
}
