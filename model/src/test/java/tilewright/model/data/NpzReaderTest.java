package tilewright.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tilewright.model.InvalidInputException;

/** Against archives that NumPy 2.4 wrote; their arrays are {@code arange} in the shapes named. */
class NpzReaderTest {
    @Test
    void greyImagesAndLabelsComeFromAStoredArchive() {
        ImageSet set = ImageSets.open(NpyTest.resource("grey-stored.npz"));
        assertEquals("2 1 3 4", set.count() + " " + set.channels() + " " + set.height() + " " + set.width());
        assertArrayEquals(new byte[] {12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}, set.image(1));
        assertEquals(7, set.label(0));
        assertEquals(3, set.label(1));
    }

    @Test
    void interleavedColourImagesOfACompressedArchiveComeAsPlanes() {
        ImageSet set = ImageSets.open(NpyTest.resource("colour-compressed.npz"));
        assertEquals("2 3 2 2", set.count() + " " + set.channels() + " " + set.height() + " " + set.width());
        assertArrayEquals(new byte[] {0, 3, 9, 12, 1, 4, 10, 13, 2, 5, 11, 14}, set.image(0));
        assertEquals(0, set.label(1));
    }

    @Test
    void floatsAreTakenAsNormalised() {
        ImageSet set = ImageSets.open(NpyTest.resource("normalised.npz"));
        assertTrue(set.normalised());
        assertFalse(set.labelled());
        assertEquals("2 2 2 2", set.count() + " " + set.channels() + " " + set.height() + " " + set.width());
        assertArrayEquals(new float[] {0, 0.25f, 0.5f, 0.75f, 1, 1.25f, 1.5f, 1.75f}, set.floats(1));
        var error = assertThrows(InvalidInputException.class, () -> set.image(0));
        assertEquals(
                set.place() + ": holds normalised float values, raw pixels are needed here;"
                        + " save them as uint8 of 0 to 255",
                error.getMessage());
    }
}
