package tilewright.hw.hls;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.LinearParameters;

/**
 * The weight memory of a design: what its weight ports read, in the order in which the linear unit wants it.
 *
 * <p>A layer is cut into blocks of {@code tileOutputs} rows of its padded weight matrix. A block holds, for each word of
 * an input row, the words of its rows; padding is zero. Word {@code w} of a layer is in port {@code w % weightPorts}, so
 * a block is one burst in every port. Layers with the same contents are stored once.
 */
public final class WeightImage {
    private static final int BUFFER_BYTES = 1 << 18;

    /** Layers of one shape, one behind the other. */
    private record Entry(List<LinearParameters> layers, RowLayout input, RowLayout output) {}

    private final DesignParameters parameters;
    private final int weightBytes;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Integer> addresses = new HashMap<>();
    private long words;

    /** An empty memory. */
    public WeightImage(DesignParameters parameters, IntegerFormat format) {
        this.parameters = parameters;
        weightBytes = format.weightBits() / Byte.SIZE;
    }

    /**
     * Adds layers of one shape, one behind the other at a distance of {@link #layerWords}.
     *
     * @param input layout of their input rows
     * @param output layout of their output rows
     * @return the address of the first layer in every port
     * @throws IllegalArgumentException if a port would need 2^31 words or more
     */
    public int add(List<LinearParameters> layers, RowLayout input, RowLayout output) {
        String content =
                new ContentDigest().add(input).add(output).addWeights(layers).finish();
        Integer known = addresses.get(content);
        if (known != null) {
            return known;
        }
        long address = words;
        words += (long) layerWords(input, output) * layers.size();
        if (words > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("the weights need " + words + " words in each of "
                    + parameters.weightPorts() + " ports; more lanes or ports are needed");
        }
        entries.add(new Entry(layers, input, output));
        addresses.put(content, (int) address);
        return (int) address;
    }

    /** Words of one layer in each port. */
    public int layerWords(RowLayout input, RowLayout output) {
        return blocks(output) * input.words() * (parameters.tileOutputs() / parameters.weightPorts());
    }

    /** Words of each port. */
    public int words() {
        return Math.toIntExact(words);
    }

    /** Blocks of outputs of a layer. */
    int blocks(RowLayout output) {
        int blockWords = parameters.tileOutputs() / parameters.lanes();
        return (output.words() + blockWords - 1) / blockWords;
    }

    /** The name of a port's file. */
    public static String fileName(int port) {
        return "weights" + port + ".bin";
    }

    /** Writes one file per port into a folder. */
    public void write(Path directory) throws IOException {
        List<OutputStream> ports = new ArrayList<>();
        try {
            for (int port = 0; port < parameters.weightPorts(); port++) {
                ports.add(new BufferedOutputStream(
                        Files.newOutputStream(directory.resolve(fileName(port))), BUFFER_BYTES));
            }
            for (Entry entry : entries) {
                for (LinearParameters layer : entry.layers()) {
                    write(layer, entry.input(), entry.output(), ports);
                }
            }
        } finally {
            for (OutputStream port : ports) {
                port.close();
            }
        }
    }

    private void write(LinearParameters layer, RowLayout input, RowLayout output, List<OutputStream> ports)
            throws IOException {
        int lanes = parameters.lanes();
        int[] columns = new int[input.elements()];
        for (int i = 0; i < columns.length; i++) {
            int feature = input.feature(i);
            columns[i] = feature < layer.inputs() ? feature : -1;
        }
        byte[] word = new byte[lanes * weightBytes];
        for (int block = 0; block < blocks(output); block++) {
            for (int inputWord = 0; inputWord < input.words(); inputWord++) {
                for (int row = 0; row < parameters.tileOutputs(); row++) {
                    int feature = output.feature(block * parameters.tileOutputs() + row);
                    for (int lane = 0; lane < lanes; lane++) {
                        int column = columns[inputWord * lanes + lane];
                        int weight = feature < 0 || column < 0 ? 0 : layer.weights()[feature * layer.inputs() + column];
                        for (int i = 0; i < weightBytes; i++) {
                            word[lane * weightBytes + i] = (byte) (weight >> (Byte.SIZE * i));
                        }
                    }
                    ports.get(row % ports.size()).write(word);
                }
            }
        }
    }
}
