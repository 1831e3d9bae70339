package tilewright.hw.hls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.hls.DesignParameters.Storage;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.LinearParameters;

class WeightImageTest {
    private static final DesignParameters TWO_PORTS =
            new DesignParameters(4, 4, 8, 1, 1, 1, 2, Storage.LUTRAM, Storage.BRAM, 100, "xc7z020clg400-1");

    @TempDir
    Path folder;

    @Test
    void aRowPadsEachGroupToWholeWords() {
        RowLayout layout = new RowLayout(2, 5, 4);
        assertEquals(4, layout.words());
        assertEquals(10, layout.features());
        int[] features = {0, 1, 2, 3, 4, -1, -1, -1, 5, 6, 7, 8, 9, -1, -1, -1, -1};
        for (int position = 0; position < features.length; position++) {
            assertEquals(features[position], layout.feature(position));
            if (features[position] >= 0) {
                assertEquals(position, layout.position(features[position]));
            }
        }
    }

    @Test
    void blocksHoldTheRowsOfEachInputWordAlternatingBetweenThePorts() throws IOException {
        WeightImage image = new WeightImage(TWO_PORTS, new IntegerFormat(8));
        // Outputs 0 to 4 (two blocks of four rows), inputs 0 to 5 (two words of four): weight 10 * output + input.
        assertEquals(0, image.add(List.of(counting("a", 5, 6)), new RowLayout(1, 6, 4), new RowLayout(1, 5, 4)));
        assertEquals(8, image.words());
        image.write(folder);
        assertArrayEquals(
                new byte[] {
                    0, 1, 2, 3, 20, 21, 22, 23, // block 0, word 0, rows 0 and 2
                    4, 5, 0, 0, 24, 25, 0, 0, // block 0, word 1
                    40, 41, 42, 43, 0, 0, 0, 0, // block 1, word 0, rows 4 and 6
                    44, 45, 0, 0, 0, 0, 0, 0
                },
                Files.readAllBytes(folder.resolve("weights0.bin")));
        assertArrayEquals(
                new byte[] {
                    10, 11, 12, 13, 30, 31, 32, 33, // rows 1 and 3
                    14, 15, 0, 0, 34, 35, 0, 0, //
                    0, 0, 0, 0, 0, 0, 0, 0, //
                    0, 0, 0, 0, 0, 0, 0, 0
                },
                Files.readAllBytes(folder.resolve("weights1.bin")));
    }

    @Test
    void groupedInputsAndOutputsLieWhereTheirBuffersHaveThem() throws IOException {
        WeightImage image = new WeightImage(TWO_PORTS, new IntegerFormat(16));
        image.add(List.of(counting("a", 2, 2)), new RowLayout(2, 1, 4), new RowLayout(2, 1, 4));
        image.write(folder);
        byte[] port0 = Files.readAllBytes(folder.resolve("weights0.bin"));
        // Two blocks of two input words of rows 0 and 2 each; output 1 is the first row of block 1.
        assertEquals(2 * 2 * 2 * 8, port0.length);
        assertEquals(1, port0[16]);
        assertEquals(10, port0[32]);
        assertEquals(11, port0[48]);
        port0[16] = port0[32] = port0[48] = 0;
        assertArrayEquals(new byte[port0.length], port0);
    }

    @Test
    void equalLayersAreStoredOnceAndOthersBehindThem() {
        WeightImage image = new WeightImage(TWO_PORTS, new IntegerFormat(8));
        RowLayout four = new RowLayout(1, 4, 4);
        RowLayout eight = new RowLayout(1, 8, 4);
        assertEquals(0, image.add(List.of(counting("a", 4, 4), counting("b", 4, 4)), four, four));
        assertEquals(2 * image.layerWords(four, four), image.add(List.of(counting("c", 8, 4)), four, eight));
        assertEquals(0, image.add(List.of(counting("d", 4, 4), counting("e", 4, 4)), four, four));
        assertEquals(8, image.words());
    }

    private static LinearParameters counting(String name, int outputs, int inputs) {
        short[] weights = new short[outputs * inputs];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (short) (10 * (i / inputs) + i % inputs);
        }
        Requantizer[] scales = new Requantizer[outputs];
        Arrays.fill(scales, Requantizer.of(1));
        return new LinearParameters(name, outputs, inputs, weights, new long[outputs], scales);
    }
}
