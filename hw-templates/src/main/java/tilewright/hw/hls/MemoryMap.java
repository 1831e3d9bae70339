package tilewright.hw.hls;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.Program;
import tilewright.hw.program.Step;
import tilewright.hw.program.TaskProgram;

/**
 * Where the buffers of a program lie in the activation memory and the residual memory of its design.
 *
 * <p>The residual memory starts with the embedding tables, which never change; the activation memory starts with the
 * rows of patches. A map follows from the program and the lanes alone.
 */
public final class MemoryMap {
    /** The two memories that hold buffers. */
    public enum Memory {
        /** Words of activations. */
        ACTIVATIONS,
        /** Words of the residual stream. */
        RESIDUALS;

        /** The name of the memory in the design. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * The place of a buffer.
     *
     * @param memory that holds it
     * @param firstWord address of row 0
     * @param tokens rows
     * @param layout of a row
     */
    public record Location(Memory memory, int firstWord, int tokens, RowLayout layout) {
        /** Words of the whole buffer. */
        public int words() {
            return tokens * layout.words();
        }

        /** The address of a row. */
        public int row(int token) {
            return firstWord + token * layout.words();
        }
    }

    private final IntegerFormat format;
    private final int lanes;
    private final Map<String, Location> locations = new LinkedHashMap<>();
    private final List<int[]> tables = new ArrayList<>();
    private final List<Location> tableLocations = new ArrayList<>();
    private final int constantWords;
    private final Map<Memory, Long> sizes = new LinkedHashMap<>();
    private final Location patches;

    private MemoryMap(Program program, int lanes) {
        this.format = program.format();
        this.lanes = lanes;
        for (Memory memory : Memory.values()) {
            sizes.put(memory, 0L);
        }
        for (TaskProgram task : program.tasks()) {
            for (Step step : task.steps()) {
                if (step instanceof Step.Embed embed && tableIndex(embed) < 0) {
                    tables.add(embed.table());
                    tableLocations.add(place(
                            Memory.RESIDUALS,
                            embed.output().tokens(),
                            new RowLayout(1, embed.output().features(), lanes)));
                }
            }
        }
        constantWords = Math.toIntExact(sizes.get(Memory.RESIDUALS));
        patches = place(
                Memory.ACTIVATIONS,
                program.geometry().patches(),
                new RowLayout(1, program.geometry().patchSize(), lanes));
        Map<String, Integer> groups = attentionGroups(program);
        program.buffers().forEach((name, buffer) -> {
            int count = groups.getOrDefault(name, buffer.groups());
            locations.put(
                    name,
                    place(
                            memory(program, buffer),
                            buffer.tokens(),
                            new RowLayout(count, buffer.features() / count, lanes)));
        });
    }

    /**
     * Places all buffers of a program.
     *
     * @throws IllegalArgumentException if a memory would need 2^31 words or more
     */
    public static MemoryMap of(Program program, DesignParameters parameters) {
        return new MemoryMap(program, parameters.lanes());
    }

    /** The place of a buffer of the program. */
    public Location location(Buffer buffer) {
        Location location = locations.get(buffer.name());
        if (location == null) {
            throw new IllegalArgumentException("no step of the program writes the buffer '" + buffer.name()
                    + "'; there are " + locations.keySet());
        }
        if (location.tokens() != buffer.tokens() || location.layout().features() != buffer.features()) {
            throw new IllegalArgumentException("two buffers are called '" + buffer.name() + "': [" + location.tokens()
                    + ", " + location.layout().features() + "] and [" + buffer.tokens() + ", " + buffer.features()
                    + "]");
        }
        return location;
    }

    /** The rows of patches, which the embedding's linear layer reads. */
    public Location patches() {
        return patches;
    }

    /** The place of an embedding table. */
    public Location table(Step.Embed embed) {
        return tableLocations.get(tableIndex(embed));
    }

    /** Words of a memory. */
    public int words(Memory memory) {
        return Math.toIntExact(sizes.get(memory));
    }

    /** Words of the embedding tables at the start of the residual memory. */
    public int constantWords() {
        return constantWords;
    }

    /** Bytes of an element in a memory. */
    public int elementBytes(Memory memory) {
        return memory == Memory.ACTIVATIONS ? format.activationBits() / 8 : (format.residualBits() + 15) / 16 * 2;
    }

    /** Bytes of a word in a memory. */
    public int wordBytes(Memory memory) {
        return elementBytes(memory) * lanes;
    }

    /**
     * The bytes of a buffer as they lie in memory.
     *
     * @param values {@code [tokens, features]}, row-major
     */
    public byte[] encode(Location location, int[] values) {
        RowLayout layout = location.layout();
        int size = elementBytes(location.memory());
        ByteBuffer bytes = ByteBuffer.allocate(location.words() * wordBytes(location.memory()))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int token = 0; token < location.tokens(); token++) {
            for (int i = 0; i < layout.features(); i++) {
                int at = (token * layout.elements() + layout.position(i)) * size;
                int value = values[token * layout.features() + i];
                switch (size) {
                    case 1 -> bytes.put(at, (byte) value);
                    case 2 -> bytes.putShort(at, (short) value);
                    default -> bytes.putInt(at, value);
                }
            }
        }
        return bytes.array();
    }

    /**
     * The values of a buffer, {@code [tokens, features]}, row-major.
     *
     * @param memory bytes of the buffer, from its first word
     */
    public int[] decode(Location location, ByteBuffer memory) {
        ByteBuffer bytes = memory.slice().order(ByteOrder.LITTLE_ENDIAN);
        RowLayout layout = location.layout();
        int size = elementBytes(location.memory());
        int[] values = new int[location.tokens() * layout.features()];
        for (int token = 0; token < location.tokens(); token++) {
            for (int i = 0; i < layout.features(); i++) {
                int at = (token * layout.elements() + layout.position(i)) * size;
                values[token * layout.features() + i] = switch (size) {
                    case 1 -> bytes.get(at);
                    case 2 -> bytes.getShort(at);
                    default -> bytes.getInt(at);
                };
            }
        }
        return values;
    }

    /** Writes what the residual memory holds at its start: the embedding tables. */
    void writeConstants(OutputStream output) throws IOException {
        for (int i = 0; i < tables.size(); i++) {
            output.write(encode(tableLocations.get(i), tables.get(i)));
        }
    }

    private int tableIndex(Step.Embed embed) {
        for (int i = 0; i < tables.size(); i++) {
            if (tableLocations.get(i).tokens() == embed.output().tokens()
                    && Arrays.equals(tables.get(i), embed.table())) {
                return i;
            }
        }
        return -1;
    }

    private Location place(Memory memory, int tokens, RowLayout layout) {
        long first = sizes.get(memory);
        long end = first + (long) tokens * layout.words();
        if (end > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("the " + memory.label() + " memory would need " + end
                    + " words; fewer tokens or more lanes are needed");
        }
        sizes.put(memory, end);
        return new Location(memory, Math.toIntExact(first), tokens, layout);
    }

    /** Heads start on words, whatever the buffer says: the attention unit reads and writes whole words of a head. */
    private static Map<String, Integer> attentionGroups(Program program) {
        Map<String, Integer> groups = new LinkedHashMap<>();
        for (TaskProgram task : program.tasks()) {
            for (Step step : task.steps()) {
                if (step instanceof Step.Attention attention) {
                    groups.put(attention.input().name(), 3 * attention.heads());
                    groups.put(attention.output().name(), attention.heads());
                }
            }
        }
        return groups;
    }

    private static Memory memory(Program program, Buffer buffer) {
        for (TaskProgram task : program.tasks()) {
            for (Step step : task.steps()) {
                if (step instanceof Step.Route && step.output().name().equals(buffer.name())) {
                    return Memory.RESIDUALS;
                }
            }
        }
        if (buffer.bits() == program.format().activationBits()) {
            return Memory.ACTIVATIONS;
        }
        if (buffer.bits() == program.format().residualBits()) {
            return Memory.RESIDUALS;
        }
        throw new IllegalArgumentException("buffer '" + buffer.name() + "' has " + buffer.bits()
                + " bits; the design has memories of " + program.format().activationBits() + " and "
                + program.format().residualBits() + " bits");
    }
}
