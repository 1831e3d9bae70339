package tilewright.edge.matrix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
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
import tilewright.model.InvalidInputException;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;

/** The packer in C against the one in Java, byte for byte. */
@Tag("compiler")
class NativePackerTest {
    private static final Map<String, NativePacker> PACKERS = new HashMap<>();
    private static final List<String> NAMES = List.of("this processor", "vectors of four words", "aarch64");
    private static EmulatedArm emulator;

    @BeforeAll
    static void compile(@TempDir Path folder) throws NativeCodeException, IOException {
        Assumptions.assumeTrue(NativePacker.orNull() != null, "no C compiler is on the search path");
        PACKERS.put(NAMES.get(0), NativePacker.orNull());
        PACKERS.put(NAMES.get(1), NativePacker.load(NativeCompiler.find(), List.of(), NativeCompiler.defaultCache()));
        if (EmulatedArm.problem() == null) {
            emulator = EmulatedArm.start(EmulatedArm.Core.CORTEX_A53, folder);
            PACKERS.put(NAMES.get(2), emulator.packer());
        }
    }

    @AfterAll
    static void end() throws IOException {
        if (emulator != null) {
            emulator.close();
        }
    }

    private static NativePacker packer(String name) {
        NativePacker packer = PACKERS.get(name);
        Assumptions.assumeTrue(packer != null, EmulatedArm::problem);
        return packer;
    }

    static Stream<Arguments> formats() {
        return Stored.FORMATS.stream().flatMap(format -> NAMES.stream().map(packer -> Arguments.of(format, packer)));
    }

    /** Panels full of what must not stay. */
    private static Panels panels(List<EncodedMatrix> parts, int rows) {
        EncodedMatrix first = parts.getFirst();
        long bytes = StoredPanels.bytes(first.format(), rows, first.width());
        MemorySegment memory = Arena.ofAuto().allocate(bytes, 64);
        memory.fill((byte) 0x5A);
        return new Panels(PanelLayout.of(first.format()), rows, first.width(), memory);
    }

    private static byte[] bytes(Panels panels) {
        return panels.bytes().toArray(ValueLayout.JAVA_BYTE);
    }

    private static EncodedMatrix onHeap(EncodedMatrix part) {
        byte[] bytes = part.bytes().toArray(ValueLayout.JAVA_BYTE);
        return new EncodedMatrix(part.format(), part.rows(), part.width(), MemorySegment.ofArray(bytes));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void panelsAreThoseOfJavaToTheByte(DType format, String name) {
        NativePacker packer = packer(name);
        for (long seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            int width = MatrixKernelsTest.width(random, format);
            List<EncodedMatrix> parts = new ArrayList<>();
            int rows = 0;
            for (int i = 0; i <= seed % 4; i++) {
                int some = 1 + random.nextInt(50);
                EncodedMatrix part = Stored.random(random, format, some, width);
                parts.add(random.nextInt(4) == 0 ? onHeap(part) : part);
                rows += some;
            }
            Panels expected = panels(parts, rows);
            PanelPacker.packInJava("w", parts, 0, expected);
            Panels packed = panels(parts, rows);
            String message = format.label() + ", seed " + seed + ", " + rows + " x " + width;
            assertTrue(packer.pack(parts, 0, packed), message);
            assertArrayEquals(bytes(expected), bytes(packed), message);
            if (rows > 16) {
                Panels last = panels(parts, rows - 16);
                assertTrue(packer.pack(parts, 16, last), message);
                MemorySegment rest = expected.bytes().asSlice(expected.panelBytes());
                assertArrayEquals(rest.toArray(ValueLayout.JAVA_BYTE), bytes(last), message + ", from row 16 on");
            }
        }
    }

    /** Where in a block a binary16 lies that must be finite; negative where there is none. */
    private static int scalePlace(DType format) {
        return switch (format) {
            case F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, IQ4_NL, IQ4_XS, Q4_K, Q5_K -> 0;
            case Q2_K -> 80;
            case Q3_K -> 108;
            case Q6_K -> 208;
            default -> -1;
        };
    }

    static Stream<Arguments> formatsWithScales() {
        return formats().filter(arguments -> scalePlace((DType) arguments.get()[0]) >= 0);
    }

    @ParameterizedTest
    @MethodSource("formatsWithScales")
    void aScaleThatIsNoNumberIsSeenWhereverItIs(DType format, String name) {
        int place = scalePlace(format);
        NativePacker packer = packer(name);
        boolean pair = format == DType.Q4_1
                || format == DType.Q5_1
                || format == DType.Q4_K
                || format == DType.Q5_K
                || format == DType.Q2_K;
        for (int row : new int[] {0, 5, 15, 16, 18}) {
            for (int block = 0; block < 3; block++) {
                for (int second = 0; second < (pair ? 2 : 1); second++) {
                    Random random = new Random(row);
                    EncodedMatrix part = Stored.random(random, format, 19, 3 * format.blockElements());
                    long at = row * part.rowBytes() + block * format.blockBytes() + place + 2 * second;
                    short bits = (short) (random.nextBoolean() ? 0xFC00 : 0x7E01);
                    part.bytes().set(ValueLayout.JAVA_SHORT_UNALIGNED, at, bits);
                    List<EncodedMatrix> parts = List.of(part);
                    assertFalse(packer.pack(parts, 0, panels(parts, 19)), "row " + row + ", block " + block);
                    assertThrows(
                            InvalidInputException.class,
                            () -> PanelPacker.pack("w", parts, panels(parts, 19)),
                            "row " + row + ", block " + block);
                }
            }
        }
    }

    static Stream<DType> storedFormats() {
        return Stored.FORMATS.stream();
    }

    @ParameterizedTest
    @MethodSource("storedFormats")
    void theFirstProductPacksNothingAndIsTheSameAsLaterOnes(DType format) {
        for (int rows : new int[] {1, 3, 20}) {
            for (MatrixKernels kernels : List.of(VectorKernels.INSTANCE, MatrixKernels.best())) {
                Random random = new Random(rows);
                // More panels than fit the scratch memory at once.
                int width = 6 * 1024;
                int outputs = 16 * 40 + 5;
                EncodedMatrix part = Stored.random(random, format, outputs, width);
                MatrixWeights weights =
                        MatrixWeights.of("w", List.of(part.slice(0, 300), part.slice(300, outputs - 300)));
                float[] x = Stored.activations(random, rows * width);
                float[] bias = Stored.activations(random, outputs);
                Activations all = Activations.of(kernels, x, 0, width, rows, width, ActivationPrecision.INT8);
                List<float[]> results = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    float[] y = new float[rows * outputs];
                    kernels.multiply(Parallel.serial(), weights, all, bias, 0, y, 0, outputs);
                    results.add(y);
                    assertEquals(i > 0, weights.isPacked(), "after product " + i);
                }
                assertArrayEquals(results.get(1), results.get(0), format.label() + ", " + rows + " rows");
                assertArrayEquals(results.get(1), results.get(2), format.label() + ", " + rows + " rows");
            }
        }
    }

    @Test
    void damagedWeightsAreNamedByTheFirstProduct() {
        EncodedMatrix part = Stored.random(new Random(1), DType.Q8_0, 40, 64);
        part.bytes().set(ValueLayout.JAVA_SHORT_UNALIGNED, 20 * part.rowBytes(), (short) 0x7C00);
        MatrixWeights weights = MatrixWeights.of("w", List.of(part));
        Activations x = Activations.of(new float[64], 0, 64, 1, 64, ActivationPrecision.FLOAT);
        InvalidInputException e = assertThrows(
                InvalidInputException.class,
                () -> VectorKernels.INSTANCE.multiply(Parallel.serial(), weights, x, null, 0, new float[40], 0, 40));
        assertEquals(
                "matrix 'w' (Q8_0) has a scale that is infinite or not a number in row 20 of a part of 40 rows;"
                        + " is the file damaged?",
                e.getMessage());
    }
}
