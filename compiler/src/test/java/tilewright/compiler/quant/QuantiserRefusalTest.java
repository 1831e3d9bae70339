package tilewright.compiler.quant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.compiler.CompileException;
import tilewright.compiler.Progress;
import tilewright.edge.vector.VectorExecutor;
import tilewright.edge.vector.WeightCache;
import tilewright.hw.program.IntegerFormat;
import tilewright.model.data.ImageSet;
import tilewright.model.data.ImageSets;
import tilewright.model.graph.Add;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Graph;
import tilewright.model.graph.GraphBuilder;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.Linear;
import tilewright.model.graph.PatchEmbed;
import tilewright.model.graph.Type;

/** Models and images that cannot be quantised are refused with the numbers. */
class QuantiserRefusalTest {
    @TempDir
    Path folder;

    private static ImageSet images(int height, int width) {
        byte[] pixels = new byte[2 * height * width];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (37 * i);
        }
        return ImageSet.of("drawn", 1, height, width, pixels, null);
    }

    /** Pixels as patches, a position table, a LayerNorm if asked for, and a layer with one output. */
    private static Graph graph(int height, int width, int features, float weight, boolean norm) {
        GraphBuilder graph = new GraphBuilder("sketch");
        String pixels = graph.input("pixels", Type.f32(Dim.BATCH, Dim.of(1), Dim.of(height), Dim.of(width)));
        String patches = graph.add(
                "patches", new PatchEmbed(1), pixels, parameter(graph, "patch.weight", weight, features, 1, 1, 1));
        String x = graph.add(
                "embed", new Add(), patches, parameter(graph, "positions", 0.5f, (long) height * width, features));
        if (norm) {
            x = graph.add(
                    "norm",
                    new LayerNorm(1e-6),
                    x,
                    parameter(graph, "gamma", 1, features),
                    parameter(graph, "beta", 0, features));
        }
        graph.output("out", graph.add("head", new Linear(), x, parameter(graph, "head.weight", 1, 1, features)));
        return graph.build();
    }

    private static String parameter(GraphBuilder graph, String name, float value, long... shape) {
        Type type = Type.f32(shape);
        float[] values = new float[(int) type.shape().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value * (1 + i % 5);
        }
        return graph.parameter(name, type, values::clone);
    }

    private static String refusal(Graph graph, ImageSet images, int bits) {
        try (VectorExecutor executor = VectorExecutor.prepare(graph, new WeightCache(), 1)) {
            List<TaskModel> tasks = List.of(new TaskModel("out", graph, executor));
            return assertThrows(
                            CompileException.class,
                            () -> new Quantiser(tasks, images, new IntegerFormat(bits), Progress.NONE).quantise("x"))
                    .getMessage();
        }
    }

    @Test
    void aModelWithoutLayerNormIsRefused() {
        assertEquals(
                "graph 'sketch' has no LayerNorm: the accelerator runs pre-norm transformers",
                refusal(graph(2, 2, 4, 1, false), images(2, 2), 8));
    }

    @Test
    void moreTokensThanASoftmaxRowHoldsAreRefused() {
        assertEquals(
                "the model has 16385 tokens; softmax rows of at most 16384 are supported: use smaller images or larger"
                        + " patches",
                refusal(graph(5, 3277, 2, 1, true), images(5, 3277), 8));
    }

    @Test
    void tokensTooWideForLayerNormAreRefused() {
        assertEquals(
                "graph 'sketch', node 'norm' (layer_norm): the accelerator has no such step: LayerNorm of 16384 features"
                        + " of 24 bits does not fit 64-bit sums; nearest: run the model with the float executor",
                refusal(graph(1, 1, 16384, 1, true), images(1, 1), 16));
    }

    @Test
    void aModelThatOverflowsInFloatIsRefused() {
        assertEquals(
                "value 'embed' is not finite on the calibration images: the model overflows in float; give other images"
                        + " with --calibrate",
                refusal(graph(2, 2, 4, 1e38f, true), images(2, 2), 8));
    }

    @Test
    void normalisedImagesAreRefused() throws IOException {
        Path file = folder.resolve("images.npz");
        try (OutputStream output = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(output)) {
            zip.putNextEntry(new ZipEntry("pixel_values.npy"));
            String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 2, 2), }";
            header = header + " ".repeat(117 - header.length()) + "\n";
            zip.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0});
            zip.write(header.getBytes(StandardCharsets.US_ASCII));
            zip.write(ByteBuffer.allocate(16)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(0.5f)
                    .putFloat(-0.5f)
                    .putFloat(0)
                    .putFloat(1)
                    .array());
            zip.closeEntry();
        }

        assertEquals(
                file + ": holds normalised floats, but the accelerator takes raw pixels; calibrate with 8-bit images",
                refusal(graph(2, 2, 4, 1, true), ImageSets.open(file), 8));
    }
}
