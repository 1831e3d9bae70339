package tilewright.hw.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import tilewright.hw.arith.Requantizer;

/** The proof that accumulators cannot overflow, against exact sums of the worst inputs. */
class LinearParametersTest {
    private static LinearParameters layer(String name, int outputs, short[] weights, long... bias) {
        Requantizer[] scales = new Requantizer[outputs];
        Arrays.fill(scales, Requantizer.of(1));
        return new LinearParameters(name, outputs, weights.length / outputs, weights, bias, scales);
    }

    /** Bits of a signed integer that holds a value. */
    private static int bits(BigInteger value) {
        return value.bitLength() + 1;
    }

    private static LinearParameters random(Random random) {
        int outputs = 1 + random.nextInt(4);
        int inputs = 1 + random.nextInt(300);
        int weightBits = 2 + random.nextInt(15);
        short[] weights = new short[outputs * inputs];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = switch (random.nextInt(4)) {
                case 0 -> (short) (-1 << (weightBits - 1));
                case 1 -> (short) ((1 << (weightBits - 1)) - 1);
                default -> (short) (random.nextInt(1 << weightBits) - (1 << (weightBits - 1)));
            };
        }
        long[] bias = random.longs(outputs)
                .map(value -> value >> random.nextInt(Long.SIZE))
                .toArray();
        return layer("random", outputs, weights, bias);
    }

    @Property(tries = 500)
    void noInputTakesAPartialSumBeyondTheBound(@ForAll Random random) {
        LinearParameters layer = random(random);
        int inputBits = random.nextBoolean() ? 8 : 16;
        int bound = layer.accumulatorBits(inputBits);
        int lowest = -(1 << (inputBits - 1));
        List<Integer> order = new java.util.ArrayList<>(
                IntStream.range(0, layer.inputs()).boxed().toList());
        Collections.shuffle(order, random);
        for (int o = 0; o < layer.outputs(); o++) {
            // The signs of the inputs follow those of the weights, or oppose them, or are random.
            for (int sign = -1; sign <= 1; sign++) {
                BigInteger sum = BigInteger.valueOf(layer.bias()[o]);
                for (int i : order) {
                    int weight = layer.weights()[o * layer.inputs() + i];
                    boolean low = sign == 0 ? random.nextBoolean() : (weight < 0) == (sign > 0);
                    sum = sum.add(BigInteger.valueOf((long) weight * (low ? lowest : -lowest - 1)));
                    assertTrue(bits(sum) <= bound, sum + " in " + bound + " bits");
                }
            }
        }
    }

    @Property(tries = 200)
    void theWorstInputsOfNegativeWeightsReachTheBound(@ForAll Random random) {
        LinearParameters drawn = random(random);
        short[] weights = drawn.weights().clone();
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (short) -Math.min(Math.abs(weights[i]), Short.MAX_VALUE);
        }
        long[] bias = Arrays.stream(drawn.bias()).map(value -> value >>> 2).toArray();
        LinearParameters layer = layer("negative", drawn.outputs(), weights, bias);
        for (int inputBits : new int[] {8, 16}) {
            int needed = 0;
            for (int o = 0; o < layer.outputs(); o++) {
                BigInteger sum = BigInteger.valueOf(bias[o]);
                for (int i = 0; i < layer.inputs(); i++) {
                    sum = sum.add(BigInteger.valueOf((long) weights[o * layer.inputs() + i] * -(1 << (inputBits - 1))));
                }
                needed = Math.max(needed, bits(sum));
            }
            assertEquals(needed, layer.accumulatorBits(inputBits));
        }
    }

    @Example
    void biasesAtTheEndsOfLongDoNotWrapTheBound() {
        short[] none = {0};
        short[] one = {1};
        assertEquals(64, layer("b", 1, none, Long.MAX_VALUE).accumulatorBits(8));
        assertTrue(layer("b", 1, none, Long.MIN_VALUE).accumulatorBits(8) >= 64);
        assertTrue(layer("b", 1, one, Long.MAX_VALUE).accumulatorBits(8) > 64);
        assertTrue(layer("b", 1, one, Long.MIN_VALUE).accumulatorBits(16) > 64);
    }

    @Example
    void aLayerWithoutWeightsNeedsTheBitsOfItsBias() {
        assertEquals(1, layer("zero", 1, new short[] {0, 0}, 0).accumulatorBits(16));
        assertEquals(11, layer("bias", 2, new short[] {0, 0}, 5, -1023).accumulatorBits(8));
    }

    @Example
    void aLayerThatFitsIsPassedOnAndOneThatDoesNotIsRefusedWithTheNumbers() {
        // 127 x 128 x 132104 = 2147482624 is below 2^31, one input more is beyond it.
        short[] weights = new short[132_104];
        Arrays.fill(weights, (short) 127);
        LinearParameters fits = layer("fits", 1, weights, 0);
        assertEquals(32, fits.accumulatorBits(8));
        assertSame(fits, fits.requireAccumulator(8, 32));

        short[] more = Arrays.copyOf(weights, weights.length + 1);
        more[weights.length] = 127;
        LinearParameters wide = layer("block7.fc2", 1, more, 0);
        assertEquals(
                "block7.fc2: the accumulator needs 33 bits, the design has 32; split its 132105 inputs or use 16-bit"
                        + " arithmetic",
                assertThrows(ArithmeticException.class, () -> wide.requireAccumulator(8, 32))
                        .getMessage());
        assertSame(wide, wide.requireAccumulator(8, 48));
        assertEquals(
                "block7.fc2: the accumulator needs 41 bits, the design has 40; split its 132105 inputs",
                assertThrows(ArithmeticException.class, () -> wide.requireAccumulator(16, 40))
                        .getMessage());
    }

    @Example
    void sizesThatDisagreeAreRefused() {
        assertEquals(
                "fc1: 6 weights, 1 biases and 2 scales do not make [2, 3]",
                assertThrows(IllegalArgumentException.class, () -> layer("fc1", 2, new short[6], 0))
                        .getMessage());
    }
}
