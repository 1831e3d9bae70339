package tilewright.compiler.profile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.profile.ProfileHeader.LayerShape;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.SafetensorsWriter;

/** Writes a profile as {@link Profile} reads it. */
final class ProfileWriter {
    private ProfileWriter() {}

    /**
     * Writes a profile; the file appears when it is complete.
     *
     * @param rows of tokens, by layer
     * @param errors by layer [experts, matrices, widths]
     * @param sensitivity by layer [experts, matrices]
     * @param bearing null where it was not measured
     */
    static void write(
            Path file,
            ProfileHeader header,
            List<LayerStatistics> statistics,
            List<TokenRows.Gathering> rows,
            List<float[]> errors,
            float[][] sensitivity,
            LayerBearing bearing)
            throws IOException {
        Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
        Map<String, Integer> sliced = new HashMap<>();
        byte[] text = header.json().getBytes(StandardCharsets.UTF_8);
        float[] characters = new float[text.length];
        for (int i = 0; i < text.length; i++) {
            characters[i] = text[i] & 0xFF;
        }
        tensors.put(
                Profile.HEADER, new SafetensorsWriter.Tensor(DType.U8, List.of((long) text.length), () -> characters));
        for (int i = 0; i < statistics.size(); i++) {
            LayerStatistics layer = statistics.get(i);
            LayerShape shape = header.layers().get(i);
            int index = i;
            long experts = shape.experts();
            long next = i + 1 < statistics.size() ? header.layers().get(i + 1).experts() : 0;
            long matrices = ExpertMatrix.values().length;
            put(tensors, i, "tokens", layer::tokens, experts);
            put(tensors, i, "weight", layer::meanWeight, experts);
            put(tensors, i, "squared_weight", layer::meanSquaredWeight, experts);
            put(tensors, i, "coactivation", layer::coactivation, experts, next);
            put(tensors, i, "energy", () -> layer.energy(header.tokens()), experts);
            put(tensors, i, "error", () -> errors.get(index), experts, matrices, Profile.WIDTHS.size());
            put(tensors, i, "sensitivity", () -> sensitivity[index], experts, matrices);
            for (ExpertMatrix matrix : List.of(ExpertMatrix.GATE, ExpertMatrix.DOWN)) {
                long length = InputMoments.length(shape.inputs(matrix), shape.block(matrix));
                sliced.put(ProfileFile.momentsName(i, matrix), shape.experts());
                tensors.put(
                        ProfileFile.momentsName(i, matrix),
                        new SafetensorsWriter.Tensor(
                                DType.F32,
                                List.of(experts, length),
                                shape.experts(),
                                expert -> layer.means(expert, matrix == ExpertMatrix.GATE)));
            }
            long tokens = header.rowTokens();
            TokenRows kept = rows.get(i).rows();
            tensors.put(Profile.name(i, "rows"), rows.get(i).table().tensor());
            put(tensors, i, "row_experts", kept::experts, tokens, kept.topK());
            put(tensors, i, "row_weights", kept::weights, tokens, kept.topK());
        }
        if (bearing != null) {
            bearing.put(tensors);
        }
        SafetensorsWriter.Written written = ProfileChecksums.add(tensors, sliced, new UncachedWriting());
        SafetensorsWriter.write(file, tensors, Map.of("format", "tilewright profile"), written);
    }

    private static void put(
            Map<String, SafetensorsWriter.Tensor> tensors,
            int layer,
            String what,
            Supplier<float[]> values,
            long... extents) {
        List<Long> shape = Arrays.stream(extents).boxed().toList();
        tensors.put(Profile.name(layer, what), new SafetensorsWriter.Tensor(DType.F32, shape, values));
    }
}
