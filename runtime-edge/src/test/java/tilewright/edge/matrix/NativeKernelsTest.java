package tilewright.edge.matrix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static tilewright.edge.matrix.MatrixKernelsTest.check;
import static tilewright.edge.matrix.MatrixKernelsTest.random;
import static tilewright.edge.matrix.MatrixKernelsTest.width;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.edge.matrix.nativecode.NativeCodeException;
import tilewright.edge.matrix.nativecode.NativeCompiler;
import tilewright.edge.matrix.nativecode.NativeProcessor;
import tilewright.model.format.GroupedCodes;
import tilewright.model.tensor.DType;

/** Native products against float64 products with the codecs' values, and against the Java kernels, to the bit. */
@Tag("compiler")
class NativeKernelsTest {
    private static final ActivationPrecision INT8 = ActivationPrecision.INT8;

    private static final String OWN = "this processor";

    /** The machine's own kernels, those that a processor without 512-bit vectors would get, and those of other processors. */
    private static final List<String> NAMES =
            List.of(OWN, "256-bit vectors", "aarch64 with dot products", "aarch64 without dot products");

    private static final Map<String, MatrixKernels> KERNELS = new HashMap<>();
    private static final List<EmulatedArm> EMULATORS = new ArrayList<>();

    @BeforeAll
    static void compile(@TempDir Path folder) throws NativeCodeException, IOException {
        Assumptions.assumeTrue(NativeKernels.orNull() != null, NativeKernels::problem);
        KERNELS.put(OWN, NativeKernels.orNull());
        if (NativeProcessor.current().isX86()) {
            KERNELS.put(
                    NAMES.get(1),
                    new NativeKernels(KernelLibrary.load(
                            NativeCompiler.find(), List.of("-march=haswell"), NativeCompiler.defaultCache())));
        }
        for (EmulatedArm.Core core : EmulatedArm.cores()) {
            EmulatedArm emulator = EmulatedArm.start(core, folder);
            EMULATORS.add(emulator);
            KERNELS.put(NAMES.get(2 + core.ordinal()), new NativeKernels(emulator.kernels()));
        }
    }

    @AfterAll
    static void end() throws IOException {
        for (EmulatedArm emulator : EMULATORS) {
            emulator.close();
        }
    }

    static Stream<Arguments> formats() {
        return Stored.FORMATS.stream().flatMap(format -> NAMES.stream().map(name -> Arguments.of(format, name)));
    }

    private static MatrixKernels kernels(String name) {
        MatrixKernels kernels = KERNELS.get(name);
        Assumptions.assumeTrue(
                kernels != null, () -> NAMES.indexOf(name) < 2 ? "for amd64 only" : EmulatedArm.problem());
        return kernels;
    }

    @ParameterizedTest
    @MethodSource("formats")
    void productsOfAnyShapeStayWithinTheRoundingOfActivations(DType format, String name) {
        for (long seed = 0; seed < 16; seed++) {
            Random random = new Random(seed);
            int rows = seed < 8 ? 1 + (int) seed : 1 + random.nextInt(70);
            MatrixKernelsTest.Case c =
                    random(random, List.of(format), 1 + random.nextInt(100), width(random, format), rows);
            String message =
                    format.label() + ", seed " + seed + ", " + c.outputs() + " x " + c.width() + ", " + rows + " rows";
            check(kernels(name), c, INT8, message);
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void exactActivationsAreLeftExact(DType format, String name) {
        MatrixKernelsTest.Case c = random(new Random(5), List.of(format), 40, width(new Random(5), format), 3);
        check(kernels(name), c, ActivationPrecision.FLOAT, format.label());
    }

    @ParameterizedTest
    @MethodSource("formats")
    void resultsAreThoseOfJavaForFewRowsAndTheSameForMany(DType format, String name) {
        int outputs = 77;
        Random random = new Random(6);
        int width = width(random, format);
        int many = 70;
        float[] x = Stored.activations(random, many * width);
        Arrays.fill(x, width, width + Math.min(width, 64), 0);
        MatrixWeights weights = MatrixWeights.of("w", List.of(Stored.random(random, format, outputs, width)));
        float[] expected = new float[many * outputs];
        for (int row = 0; row < many; row++) {
            Activations one = Activations.of(x, row * width, width, 1, width, INT8);
            VectorKernels.INSTANCE.multiply(Parallel.serial(), weights, one, null, 0, expected, row * outputs, outputs);
        }
        MatrixKernels kernels = kernels(name);
        for (int rows = 1; rows <= many; rows++) {
            Activations all = Activations.of(kernels, x, 0, width, rows, width, INT8);
            float[] y = new float[rows * outputs];
            kernels.multiply(Parallel.serial(), weights, all, null, 0, y, 0, outputs);
            assertArrayEquals(Arrays.copyOf(expected, y.length), y, format.label() + ", " + rows + " rows");
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void extremeActivationsGiveWhatJavaGives(DType format, String name) {
        int outputs = 35;
        int width = 2 * Math.max(64, format.blockElements());
        // Among them what is too small for an inverse, the largest whose sums are still finite, and infinity.
        float[] magnitudes = {0, 1, 1e34f, Float.MIN_VALUE, 1e-38f, 0x1p-121f, 0x1.fffp-122f, 1e-4f, 1e30f};
        int rows = magnitudes.length + 1;
        float[] x = new float[rows * width];
        for (int i = 0; i < x.length; i++) {
            float magnitude = i / width < magnitudes.length ? magnitudes[i / width] : 1;
            x[i] = i % 3 == 0 || i % 32 > 27 ? -magnitude : magnitude;
        }
        x[x.length - 5] = Float.POSITIVE_INFINITY;
        MatrixWeights weights = MatrixWeights.of("w", List.of(Stored.random(new Random(7), format, outputs, width)));
        float[] expected = new float[rows * outputs];
        for (int row = 0; row < rows; row++) {
            Activations one = Activations.of(x, row * width, width, 1, width, INT8);
            VectorKernels.INSTANCE.multiply(Parallel.serial(), weights, one, null, 0, expected, row * outputs, outputs);
        }
        MatrixKernels kernels = kernels(name);
        for (int count : new int[] {3, rows}) {
            int first = rows - count;
            Activations some = Activations.of(kernels, x, first * width, width, count, width, INT8);
            float[] y = new float[count * outputs];
            kernels.multiply(Parallel.serial(), weights, some, null, 0, y, 0, outputs);
            float[] rest = Arrays.copyOfRange(expected, first * outputs, expected.length);
            assertArrayEquals(rest, y, format.label() + ", " + count + " rows");
        }
    }

    static Stream<Arguments> nested() {
        return Stream.of(2, 3, 4, 5, 6, 8).flatMap(bits -> NAMES.stream().map(name -> Arguments.of(bits, name)));
    }

    @ParameterizedTest
    @MethodSource("nested")
    void productsOfNestedCodesStayWithinTheRoundingOfActivations(int bits, String name) {
        NestedKernelsTest.check(kernels(name), INT8, bits);
    }

    @ParameterizedTest
    @MethodSource("nested")
    void resultsOfNestedCodesAreThoseOfJavaForFewRowsAndTheSameForMany(int bits, String name) {
        MatrixKernels kernels = kernels(name);
        int outputs = 77;
        int many = 70;
        for (int width : new int[] {1, 64, 200, 960}) {
            Random random = new Random(width);
            float[] x = Stored.activations(random, many * width);
            GroupedCodes codes = GroupedPanelsTest.random(random, bits, outputs, width);
            for (boolean whole : new boolean[] {true, false}) {
                MatrixWeights weights = GroupedPanelsTest.packed(codes, whole);
                float[] expected = new float[many * outputs];
                for (int row = 0; row < many; row++) {
                    Activations one = Activations.of(x, row * width, width, 1, width, INT8);
                    VectorKernels.INSTANCE.multiply(
                            Parallel.serial(), weights, one, null, 0, expected, row * outputs, outputs);
                }
                for (int rows : new int[] {1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 33, many}) {
                    Activations all = Activations.of(kernels, x, 0, width, rows, width, INT8);
                    float[] y = new float[rows * outputs];
                    kernels.multiply(Parallel.serial(), weights, all, null, 0, y, 0, outputs);
                    assertArrayEquals(
                            Arrays.copyOf(expected, y.length),
                            y,
                            bits + " bits, width " + width + ", residual " + whole + ", " + rows + " rows");
                }
            }
        }
    }

    @Test
    void partsOfSeveralFormatsAreOneMatrix() {
        List<DType> formats = List.of(DType.Q4_K, DType.Q4_K, DType.Q6_K, DType.F32, DType.BF16);
        for (int rows : new int[] {1, 2, 9}) {
            check(KERNELS.get(OWN), random(new Random(rows), formats, 21, 512, rows), INT8, rows + " rows");
        }
    }

    @Test
    void piecesDoNotChangeABit() {
        for (int rows : new int[] {1, 3, 70}) {
            Random random = new Random(9);
            MatrixWeights weights = MatrixWeights.of("w", List.of(Stored.random(random, DType.Q6_K, 333, 1024)));
            float[] x = Stored.activations(random, rows * 1024);
            MatrixKernels kernels = KERNELS.get(OWN);
            Activations all = Activations.of(kernels, x, 0, 1024, rows, 1024, INT8);
            float[] one = new float[rows * 333];
            float[] many = new float[rows * 333];
            kernels.multiply(Parallel.serial(), weights, all, null, 0, one, 0, 333);
            KernelScratch scratch = new KernelScratch();
            for (int row = rows - 1; row >= 0; row--) {
                for (int panel = weights.panels() - 1; panel >= 0; panel--) {
                    kernels.multiply(weights, all, row, 1, panel, panel + 1, null, 0, many, row * 333, 333, scratch);
                }
            }
            assertArrayEquals(one, many);
        }
    }

    @Test
    void whatIsNoNumberSpoilsItsOwnRowOnly() {
        Random random = new Random(10);
        MatrixWeights weights = MatrixWeights.of("w", List.of(Stored.random(random, DType.Q8_0, 20, 64)));
        float[] x = Stored.activations(random, 3 * 64);
        x[64 + 33] = Float.NaN;
        Activations all = Activations.of(KERNELS.get(OWN), x, 0, 64, 3, 64, INT8);
        float[] y = new float[60];
        KERNELS.get(OWN).multiply(Parallel.serial(), weights, all, null, 0, y, 0, 20);
        for (int i = 0; i < y.length; i++) {
            assertEquals(i / 20 == 1, Float.isNaN(y[i]), "output " + i);
        }
    }

    @Test
    void aSecondCompilationTakesTheLibraryFromTheCache(@TempDir Path cache) throws NativeCodeException, IOException {
        NativeCompiler compiler = NativeCompiler.find();
        Path first = compiler.compile("one", "int one(void) { return 1; }", List.of("-O1"), cache);
        Object written = Files.getLastModifiedTime(first);
        assertEquals(first, compiler.compile("one", "int one(void) { return 1; }", List.of("-O1"), cache));
        assertEquals(written, Files.getLastModifiedTime(first));
        Path other = compiler.compile("one", "int one(void) { return 2; }", List.of("-O1"), cache);
        try (Stream<Path> files = Files.list(cache)) {
            assertEquals(
                    List.of(first, other).stream().sorted().toList(),
                    files.sorted().toList());
        }
    }

    @Test
    void sourceThatDoesNotCompileIsRefusedWithItsFirstError(@TempDir Path cache)
            throws NativeCodeException, IOException {
        NativeCompiler compiler = NativeCompiler.find();
        NativeCodeException refused = assertThrows(
                NativeCodeException.class, () -> compiler.compile("bad", "#error \"no luck\"\n", List.of(), cache));
        assertTrue(refused.getMessage().startsWith(compiler.command() + " does not compile bad.c: "));
        assertTrue(refused.getMessage().contains("no luck"), refused.getMessage());
        try (Stream<Path> files = Files.list(cache)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void theChoiceOfKernelsIsFollowed() {
        assertEquals(VectorKernels.INSTANCE, KernelChoice.JAVA.kernels());
        assertInstanceOf(NativeKernels.class, KernelChoice.NATIVE.kernels());
        assertEquals(VectorKernels.INSTANCE, KernelChoice.AUTO.kernels(ActivationPrecision.FLOAT));
    }
}
