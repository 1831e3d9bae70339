package tilewright.compiler.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import tilewright.model.family.ImageGeometry;

class PictureTest {
    private static final ImageGeometry IMAGE = new ImageGeometry(1, 2, 4, 2);

    @Test
    void pixelsOfPatchesAreLaidOutAsTheImage() {
        // Two patches of 2 x 2 side by side: the left one 0 1 / 2 3, the right one 4 5 / 6 9.
        float[] values = {0, 1, 2, 3, 4, 5, 6, 9};

        assertEquals(List.of("  ..==++", "::--**@@"), Picture.pixels(values, IMAGE));
    }

    @Test
    void equalValuesGiveAnEmptyPicture() {
        assertEquals(List.of("", ""), Picture.pixels(new float[8], IMAGE));
    }

    @Test
    void aWidePictureIsThinnedOutToSixtyFourPixels() {
        ImageGeometry wide = new ImageGeometry(1, 2, 130, 1);

        List<String> lines = Picture.pixels(new float[260], wide);

        assertEquals(1, lines.size());
        float[] bright = new float[260];
        java.util.Arrays.fill(bright, 0, 130, 1);
        assertEquals(2 * 44, Picture.pixels(bright, wide).getFirst().length());
    }

    @Test
    void classesAreTheLargestValueOfEachPatch() {
        float[] values = {0, 2, 1, 3, 0, 3};

        assertEquals(List.of("1 0"), Picture.classes(values, 3, IMAGE));
    }

    @Test
    void onlyOneNumberPerPixelIsAPicture() {
        assertTrue(Picture.isPixels(new int[] {2, 4}, IMAGE));
        assertFalse(Picture.isPixels(new int[] {2, 3}, IMAGE));
        assertTrue(Picture.isPatches(new int[] {2, 3}, IMAGE));
        assertFalse(Picture.isPatches(new int[] {3, 4}, IMAGE));
        assertFalse(Picture.isPatches(new int[] {2}, IMAGE));
    }
}
