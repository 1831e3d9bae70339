package tilewright.compiler.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.compiler.store.MatrixPlace;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.SafetensorsWriter;

/** A profile of one layer of two experts, damaged in one place each time. */
class ProfileDamageTest {
    private static final String HEADER =
            "{'format':'tilewright profile','version':2,'model':'ab','text':'cd','tokens':4,"
                    + "'window':2,'row_tokens':5,'quantiser':'round','sensitivity':'matrix','layers':[{'experts':2,'top_k':1,'width':3,'hidden':2,"
                    + "'outputs':3,'gated':true,'input_block':2,'hidden_block':2,'token_width':3}],'trials':[]}";

    @TempDir
    private Path folder;

    private static Map<String, SafetensorsWriter.Tensor> tensors(String header) {
        Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
        byte[] text = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        float[] characters = new float[text.length];
        for (int i = 0; i < text.length; i++) {
            characters[i] = text[i] & 0xFF;
        }
        tensors.put("profile", new SafetensorsWriter.Tensor(DType.U8, List.of((long) text.length), () -> characters));
        put(tensors, "tokens", 2);
        put(tensors, "weight", 2);
        put(tensors, "squared_weight", 2);
        put(tensors, "coactivation", 2, 0);
        put(tensors, "energy", 2);
        put(tensors, "error", 2, 3, 6);
        put(tensors, "sensitivity", 2, 3);
        put(tensors, "input_moments", 2, 5);
        put(tensors, "hidden_moments", 2, 4);
        tensors.put("layer0.rows", new SafetensorsWriter.Tensor(DType.F16, List.of(5L, 3L), () -> new float[15]));
        put(tensors, "row_experts", 5, 1);
        put(tensors, "row_weights", 5, 1);
        return tensors;
    }

    private static void put(Map<String, SafetensorsWriter.Tensor> tensors, String name, long... shape) {
        long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        float[] values = new float[(int) elements];
        Arrays.fill(values, 0.5f);
        tensors.put(
                "layer0." + name,
                new SafetensorsWriter.Tensor(
                        DType.F32, Arrays.stream(shape).boxed().toList(), () -> values));
    }

    private Path write(Map<String, SafetensorsWriter.Tensor> tensors) throws IOException {
        Path file = folder.resolve("p.safetensors");
        SafetensorsWriter.write(file, tensors);
        return file;
    }

    @Test
    void anUndamagedProfileIsRead() throws IOException {
        try (Profile profile = Profile.read(write(tensors(HEADER)))) {
            assertEquals(4, profile.tokens());
            assertEquals(0.5, profile.sensitivity(new MatrixPlace(0, 1, ExpertMatrix.UP)));
            assertEquals(0.25, profile.loss(new MatrixPlace(0, 1, ExpertMatrix.UP), 8));
            assertEquals(
                    0.5f,
                    profile.moments(new MatrixPlace(0, 1, ExpertMatrix.GATE)).value(2, 2));
        }
    }

    static Stream<Arguments> damages() {
        return Stream.of(
                header("'version':2", "'version':1", "is a profile of version 1, expected 2; make the profile again"),
                header("tilewright profile", "other", "is no profile; make one with tilewright profile"),
                header("}", "", "the profile's description is not JSON; make the profile again"),
                header(
                        "'experts':2",
                        "'experts':-1",
                        "layers[0].experts is '-1', expected an integer from 1 to 65536; make the profile again"),
                header(
                        "'hidden_block':2",
                        "'hidden_block':3",
                        "layers[0].hidden_block is '3', expected an integer from 1 to 2; make the profile again"),
                header("'tokens':4,", "", "tokens is missing, expected an integer from 1; make the profile again"),
                header(
                        "'trials':[]",
                        "'trials':[{'rule':'ilp','bits_per_weight':'x'}]",
                        "trials[0].bits_per_weight is 'x', expected a finite number; make the profile again"),
                header(
                        "'experts':2",
                        "'experts':3",
                        "tensor 'layer0.input_moments' is F32 [2, 5], expected F32 [3, 5]; make the profile again"),
                header(
                        "'row_tokens':5",
                        "'row_tokens':6",
                        "tensor 'layer0.rows' is F16 [5, 3], expected F16 [6, 3]; make the profile again"),
                tensor(
                        all -> put(all, "rows", 5, 3),
                        "tensor 'layer0.rows' is F32 [5, 3], expected F16 [5, 3]; make the profile again"),
                tensor(
                        all -> all.remove("profile"),
                        "is no profile (tensor 'profile' is missing); make one with tilewright profile"),
                tensor(
                        all -> put(all, "error", 2, 3, 5),
                        "tensor 'layer0.error' is F32 [2, 3, 5], expected F32 [2, 3, 6]; make the profile again"),
                tensor(
                        all -> all.put("layer0.tokens", new SafetensorsWriter.Tensor(DType.F32, List.of(2L), () ->
                                new float[] {1, -2})),
                        "tensor 'layer0.tokens' holds -2.0 at 1, expected no negative number; make the profile again"));
    }

    private static Arguments header(String what, String by, String message) {
        String header = what.equals("}") ? HEADER.substring(0, HEADER.length() - 1) : HEADER.replace(what, by);
        return Arguments.of(header, (Consumer<Map<String, SafetensorsWriter.Tensor>>) _ -> {}, message);
    }

    private static Arguments tensor(Consumer<Map<String, SafetensorsWriter.Tensor>> damage, String message) {
        return Arguments.of(HEADER, damage, message);
    }

    @ParameterizedTest
    @MethodSource("damages")
    void damageIsRefusedByName(String header, Consumer<Map<String, SafetensorsWriter.Tensor>> damage, String message)
            throws IOException {
        Map<String, SafetensorsWriter.Tensor> tensors = tensors(header);
        damage.accept(tensors);
        Path file = write(tensors);

        assertEquals(
                file + ": " + message,
                assertThrows(InvalidInputException.class, () -> Profile.read(file))
                        .getMessage());
    }

    @Test
    void impossibleRowsAreRefusedWhenTheyAreRead() throws IOException {
        Map<String, SafetensorsWriter.Tensor> tensors = tensors(HEADER);
        float[] rows = new float[15];
        rows[7] = Float.POSITIVE_INFINITY;
        tensors.put("layer0.rows", new SafetensorsWriter.Tensor(DType.F16, List.of(5L, 3L), () -> rows));
        Path file = write(tensors);

        try (Profile profile = Profile.read(file)) {
            TokenRows read = profile.rows(0);
            read.rows().read(1, 0, 3, new float[3], 0);
            assertEquals(
                    file + ": tensor 'layer0.rows' holds Infinity in row 2; make the profile again",
                    assertThrows(InvalidInputException.class, () -> read.rows().read(2, 0, 3, new float[3], 0))
                            .getMessage());
        }
    }

    @Test
    void impossibleSecondMomentsAreRefusedWhenTheyAreAskedFor() throws IOException {
        Map<String, SafetensorsWriter.Tensor> tensors = tensors(HEADER);
        tensors.put("layer0.hidden_moments", new SafetensorsWriter.Tensor(DType.F32, List.of(2L, 4L), () ->
                new float[] {1, 0, 0, 1, Float.NaN, 0, 0, 1}));
        Path file = write(tensors);

        try (Profile profile = Profile.read(file)) {
            assertEquals(
                    file
                            + ": tensor 'layer0.hidden_moments', expert 1: second moment 0 is NaN, expected a finite number;"
                            + " make the profile again",
                    assertThrows(
                                    InvalidInputException.class,
                                    () -> profile.moments(new MatrixPlace(0, 1, ExpertMatrix.DOWN)))
                            .getMessage());
        }
    }
}
