package tilewright.hw.hls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.arith.EvenResidualFunction;
import tilewright.hw.arith.LayerNormParameters;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.arith.TableFunction;
import tilewright.hw.program.LinearParameters;

/**
 * The parameter memory of a design, in words of 128 bits: everything that is not a weight of a linear layer.
 *
 * <p>A channel is {bias: 64 bits, multiplier: 32, shift: 31, used: 1}; a LayerNorm feature {gamma: 64, beta: 64};
 * activation tables hold 16 entries of 8 or 4 of 32 bits per word; router weights are 16 bits wide, 8 per word. Equal
 * contents are stored once.
 */
public final class ParameterImage {
    /** Bytes of a word. */
    public static final int WORD_BYTES = 16;

    /** The name of the memory's file. */
    public static final String FILE_NAME = "parameters.bin";

    /** First bit of a channel's multiplier. */
    static final int CHANNEL_MULTIPLIER_BIT = 64;

    /** First bit of a channel's shift. */
    static final int CHANNEL_SHIFT_BIT = 96;

    /** The bit that says that a channel is an output, and not padding. */
    static final int CHANNEL_USED_BIT = 127;

    /** First bit of beta. */
    static final int NORM_BETA_BIT = 64;

    private static final int USED = 1 << (CHANNEL_USED_BIT - CHANNEL_SHIFT_BIT);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Map<String, Integer> addresses = new HashMap<>();

    /**
     * Adds the biases and scales of layers, one behind the other.
     *
     * @param elements outputs of a layer with all padding
     * @param output layout of an output row
     * @param accumulatorBits width of the accumulator that the scales apply to
     * @return the address of the first layer's first channel
     */
    public int addChannels(List<LinearParameters> layers, int elements, RowLayout output, int accumulatorBits) {
        return add((long) layers.size() * elements * WORD_BYTES, buffer -> {
            for (LinearParameters layer : layers) {
                for (int i = 0; i < elements; i++) {
                    int feature = output.feature(i);
                    if (feature < 0 || feature >= layer.outputs()) {
                        buffer.putLong(0).putLong(0);
                    } else {
                        Requantizer scale = effective(layer.scales()[feature], accumulatorBits);
                        buffer.putLong(layer.bias()[feature])
                                .putInt(scale.multiplier())
                                .putInt(scale.shift() | USED);
                    }
                }
            }
        });
    }

    /** Adds gamma and beta of each element of a row; padding gets zeros. */
    public int addNorm(LayerNormParameters parameters, RowLayout layout) {
        return add((long) layout.elements() * WORD_BYTES, buffer -> {
            for (int i = 0; i < layout.elements(); i++) {
                int feature = layout.feature(i);
                buffer.putLong(feature < 0 ? 0 : parameters.gamma(feature));
                buffer.putLong(feature < 0 ? 0 : parameters.beta(feature));
            }
        });
    }

    /** Adds the table of an activation. */
    public int addActivation(ActivationUnit activation) {
        return switch (activation) {
            case TableFunction table -> add(aligned(table.values().length), buffer -> buffer.put(table.values()));
            case EvenResidualFunction even ->
                add(aligned((long) even.table().length * Integer.BYTES), buffer -> {
                    for (int entry : even.table()) {
                        buffer.putInt(entry);
                    }
                });
        };
    }

    /** Adds the weights of a router: expert after expert, each word of a row in whole words of this memory. */
    public int addRouterWeights(LinearParameters layer, RowLayout input) {
        int wordBytes = Math.toIntExact(aligned((long) input.lanes() * Short.BYTES));
        return add((long) layer.outputs() * input.words() * wordBytes, buffer -> {
            for (int expert = 0; expert < layer.outputs(); expert++) {
                for (int word = 0; word < input.words(); word++) {
                    int start = buffer.position();
                    for (int lane = 0; lane < input.lanes(); lane++) {
                        int feature = input.feature(word * input.lanes() + lane);
                        boolean used = feature >= 0 && feature < layer.inputs();
                        buffer.putShort(used ? layer.weights()[expert * layer.inputs() + feature] : 0);
                    }
                    buffer.position(start + wordBytes);
                }
            }
        });
    }

    /**
     * The requantiser that hardware applies to accumulators of a width: one whose shift leaves nothing is zero, so that
     * no shift exceeds the product's width.
     */
    static Requantizer effective(Requantizer scale, int accumulatorBits) {
        return scale.shift() >= accumulatorBits + Requantizer.MULTIPLIER_BITS ? new Requantizer(0, 0) : scale;
    }

    /** Words of the memory. */
    public int words() {
        return bytes.size() / WORD_BYTES;
    }

    /** Writes the memory's file into a folder. */
    public void write(Path directory) throws IOException {
        Files.write(directory.resolve(FILE_NAME), bytes.toByteArray());
    }

    private int add(long size, Consumer<ByteBuffer> content) {
        if (size + bytes.size() > Integer.MAX_VALUE - WORD_BYTES) {
            throw new IllegalArgumentException("biases, scales and tables exceed 2 GB");
        }
        byte[] block = new byte[(int) size];
        content.accept(ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN));
        String digest = new ContentDigest().addBytes(block).finish();
        Integer known = addresses.get(digest);
        if (known != null) {
            return known;
        }
        int address = words();
        bytes.writeBytes(block);
        addresses.put(digest, address);
        return address;
    }

    private static long aligned(long size) {
        return (size + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES;
    }
}
