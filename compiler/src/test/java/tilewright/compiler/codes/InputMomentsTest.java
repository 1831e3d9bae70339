package tilewright.compiler.codes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class InputMomentsTest {
    @Test
    void blocksLieOneAfterTheOther() {
        InputMoments moments = new InputMoments(5, 2, 3, new float[] {1, 2, 2, 5, 6, 7, 7, 9, 10});
        assertArrayEquals(new float[] {1, 5, 6, 9, 10}, moments.diagonal());
        assertEquals(2, moments.value(1, 0));
        assertEquals(7, moments.value(2, 3));
        assertEquals(0, moments.value(1, 2));
        assertEquals(10, moments.value(4, 4));
    }

    @Test
    void fewSamplesAreDrawnTowardsMany() {
        InputMoments few = new InputMoments(3, 2, 10, new float[] {4, 2, 2, 8, 6});
        InputMoments many = new InputMoments(3, 3, 1000, new float[] {1, 0, 9, 0, 2, 9, 9, 9, 3});
        InputMoments drawn = few.towards(many, 30);
        assertArrayEquals(new float[] {1.75f, 0.5f, 0.5f, 3.5f, 3.75f}, drawn.values());
        assertEquals(40, drawn.samples());
        assertEquals(2, drawn.block());
        InputMoments unseen = new InputMoments(3, 1, 0, new float[3]).towards(many, 5);
        assertArrayEquals(new float[] {1, 2, 3}, unseen.values());
    }

    @Test
    void refusesWhatCannotBeMoments() {
        refuses(
                () -> new InputMoments(3, 4, 1, new float[9]),
                "moments of 3 inputs in blocks of 4 over 1 samples, expected a block of 1 to 3 and no negative number");
        refuses(
                () -> new InputMoments(3, 2, 1, new float[4]),
                "moments of 3 inputs in blocks of 2 have 4 values, expected 5");
        refuses(
                () -> new InputMoments(2, 1, 1, new float[] {1, Float.NaN}),
                "second moment 1 is NaN, expected a finite number");
        refuses(
                () -> new InputMoments(2, 2, 1, new float[] {1, -2, -2, -1}),
                "second moment of input 1 is -1.0, expected no negative number");
        InputMoments two = new InputMoments(2, 1, 1, new float[2]);
        refuses(
                () -> two.towards(new InputMoments(3, 1, 1, new float[3]), 1),
                "moments of 2 inputs in blocks of 1 and of 1 samples of 3 in blocks of 1, expected the same inputs");
    }

    private static void refuses(Executable what, String message) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, what).getMessage());
    }
}
