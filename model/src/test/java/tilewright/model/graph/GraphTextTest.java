package tilewright.model.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class GraphTextTest {
    @Test
    void aGraphPrintsOneLinePerInputParameterNodeAndOutput() {
        GraphBuilder builder = new GraphBuilder("small");
        String pixels = builder.input("pixels", Type.f32(Dim.BATCH, Dim.of(1), Dim.of(2), Dim.of(4)));
        String values = builder.add("pixel_values", new Normalize(new float[] {0.5f}, new float[] {-1}), pixels);
        String kernel = builder.parameter("embed.weight", Type.f32(3, 1, 2, 2), () -> new float[12]);
        String tokens = builder.add("embed", new PatchEmbed(2), values, kernel);
        List<String> gates = List.of(
                builder.parameter("gate.0", Type.f32(4, 3), () -> new float[12]),
                builder.parameter("gate.1", Type.f32(4, 3), () -> new float[12]));
        builder.add(
                "router",
                new Router(RouterSettings.softmaxThenTopK(4, 2, List.of("digit", "edge"))),
                List.of(tokens, gates.get(0), gates.get(1)),
                List.of("ids", "weights"));
        builder.tasks(List.of("digit", "edge"));
        builder.output("digit", tokens);
        builder.output("edge", "weights");
        assertEquals("""
                graph small
                tasks digit, edge
                input %pixels: [batch, 1, 2, 4]
                parameter @embed.weight: [3, 1, 2, 2]
                parameter @gate.0: [4, 3]
                parameter @gate.1: [4, 3]
                %pixel_values: [batch, 1, 2, 4] = normalize(%pixels) {scale=[0.5], offset=[-1.0]}
                %embed: [batch, 2, 3] = patch_embed(%pixel_values, @embed.weight) {patch=2}
                %ids: i32[batch, 2, 2], %weights: [batch, 2, 2] = router(%embed, @gate.0, @gate.1) {experts=4, top_k=2, \
                score=linear, normalise=softmax_before_select, select=top_k, renormalise=false, gate_tasks=[digit, edge]}
                output digit = %embed
                output edge = %weights
                """, GraphText.print(builder.build()));
    }
}
