package tilewright.compiler.profile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.DType;

/** Tables of a profile in the making: in memory of their own, in a file, and back. */
class StateTest {
    private static final byte[] PURPOSE = {1, 2, 3};
    private static final int ROWS = 5;
    /** A row that is written in pieces of its own, and none that a page holds. */
    private static final int WIDTH = 100_003;

    @TempDir
    private Path folder;

    private final Random random = new Random(3);

    /** A state with two tables, the second of half precision. */
    private final class Two implements AutoCloseable {
        private final State state;
        private final double[] steps;
        private final Table wide;
        private final Table halves;

        Two(byte[] purpose) {
            state = new State(folder.resolve("state"), purpose);
            steps = state.doubles("steps", 1);
            wide = state.table("wide", ROWS, WIDTH, DType.F32);
            halves = state.table("halves", 3, 7, DType.F16);
        }

        @Override
        public void close() {
            state.close();
        }
    }

    private float[] filled(Two two) {
        float[] values = new float[ROWS * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        for (int row = 0; row < ROWS; row++) {
            two.wide.write(row, values, row * WIDTH);
        }
        two.halves.write(1, new float[] {9, 0.5f, -2, 65504, 0, 1, -0.25f, 3}, 1);
        return values;
    }

    @Test
    void tablesTakeTheBytesThatAreCountedUntilTheyAreInTheFileAndNoneAfterThat() {
        try (Two two = new Two(PURPOSE)) {
            two.state.begin();
            assertEquals(0, two.wide.read(ROWS - 1, 1)[WIDTH - 1]);
            float[] values = filled(two);
            MemorySegment wide = two.wide.memory();
            MemorySegment halves = two.halves.memory();
            assertFalse(wide.isMapped());
            long apart = halves.address() - wide.address();
            assertTrue(apart >= wide.byteSize(), "tables overlap");
            assertTrue(apart + halves.byteSize() <= two.state.tableBytes(), "more than is counted");
            assertTrue(two.state.tableBytes() < ROWS * WIDTH * 4L + 3 * 7 * 2 + 128, "as much as the numbers");

            two.state.save();
            two.state.settle();
            assertFalse(wide.scope().isAlive());
            assertFalse(halves.scope().isAlive());
            assertTrue(two.wide.memory().isMapped());
            assertArrayEquals(values, two.wide.read(0, ROWS));
            assertArrayEquals(new float[] {0.5f, -2, 65504, 0, 1, -0.25f, 3}, two.halves.read(1, 1));
        }
    }

    @Test
    void aLaterRunGoesOnFromWhatWasSaved() {
        float[] values;
        try (Two two = new Two(PURPOSE)) {
            two.state.begin();
            values = filled(two);
            two.steps[0] = Math.PI;
            two.state.save();
        }
        try (Two again = new Two(PURPOSE)) {
            assertTrue(again.state.restore());
            assertEquals(Math.PI, again.steps[0]);
            again.state.begin();
            assertFalse(again.wide.memory().isMapped());
            assertArrayEquals(values, again.wide.read(0, ROWS));
            again.halves.write(0, new float[7], 0);
            again.state.save();
        }
        try (Two settled = new Two(PURPOSE)) {
            assertTrue(settled.state.restore());
            settled.state.settle();
            assertArrayEquals(values, settled.wide.read(0, ROWS));
        }
        try (Two other = new Two(new byte[] {1, 2, 4})) {
            assertFalse(other.state.restore());
            other.state.begin();
            assertEquals(0, other.wide.read(0, 1)[0]);
        }
    }

    @Test
    void aTableWithANumberThatIsNoneIsRefusedByName() {
        try (Two two = new Two(PURPOSE)) {
            two.state.begin();
            float[] row = new float[WIDTH];
            row[WIDTH - 1] = Float.NaN;
            two.wide.write(3, row, 0);
            two.state.save();
        }
        try (Two again = new Two(PURPOSE)) {
            InvalidInputException refused = assertThrows(InvalidInputException.class, again.state::restore);
            assertTrue(
                    refused.getMessage()
                            .matches(".*state: tensor 'float.wide' holds a number that is not finite in row 3; delete"
                                    + " .*state to begin again"),
                    refused.getMessage());
        }
    }

    @Test
    void aTableOfAnotherShapeIsRefusedByName() {
        try (State narrow = new State(folder.resolve("state"), PURPOSE)) {
            narrow.doubles("steps", 1);
            narrow.table("wide", ROWS, 4, DType.F32);
            narrow.table("halves", 3, 7, DType.F16);
            narrow.begin();
            narrow.save();
        }
        try (Two two = new Two(PURPOSE)) {
            InvalidInputException refused = assertThrows(InvalidInputException.class, two.state::restore);
            assertTrue(
                    refused.getMessage().contains("tensor 'float.wide' is F32 [5, 4], expected F32 [5, 100003]"),
                    refused.getMessage());
        }
    }

    @Test
    void nothingIsLeftWhenItIsDeleted() throws IOException {
        try (Two two = new Two(PURPOSE)) {
            two.state.begin();
            two.state.save();
        }
        State state = new State(folder.resolve("state"), PURPOSE);
        state.delete();
        assertFalse(Files.exists(state.file()));
    }
}
