package tilewright.edge.language;

import static tilewright.edge.vector.MatrixProduct.LANES;
import static tilewright.edge.vector.MatrixProduct.PANEL;
import static tilewright.edge.vector.MatrixProduct.SPECIES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tilewright.edge.matrix.NativeLoops;
import tilewright.edge.matrix.WeightMemory;

/**
 * The keys and values of some consecutive positions of one attention node, in the layout of a {@link PageShape}.
 *
 * <p>They lie off the heap, in memory that is taken when the first position is written and given back by {@link #free}.
 */
final class Page {
    private static final float MAX_F16 = 65504;
    /** As many bytes as a vector has floats, or the fewest that a vector of bytes can have. */
    private static final VectorSpecies<Byte> BYTES = LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
    /** Vectors of floats that a vector of bytes becomes. */
    private static final int PARTS = BYTES.length() / LANES;

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;

    private final PageShape shape;
    private final Arena arena = Arena.ofShared();
    /** Elements, followed in Q8 by scales. */
    private final MemorySegment memory;
    /** Where scales begin. */
    private final long scales;
    /** Caches that hold this page. */
    int users;

    Page(PageShape shape) {
        this.shape = shape;
        memory = WeightMemory.pages(shape.bytes(), arena);
        scales = shape.elements();
    }

    PageShape shape() {
        return shape;
    }

    /** Forgets what is in it: positions not yet written count as zeros. */
    void clear() {
        memory.fill((byte) 0);
    }

    /** Gives the memory back; the page cannot be used afterwards. */
    void free() {
        arena.close();
    }

    /** Takes over another page's content. */
    void copy(Page other) {
        memory.copyFrom(other.memory);
    }

    /**
     * Writes one head's keys of some consecutive tokens.
     *
     * @param token the first one's place in the page
     * @param count tokens
     * @param keys where the keys are, the first one's first column at {@code at}
     * @param stride from one token's key to the next's
     */
    void writeKeys(int head, int token, int count, float[] keys, int at, int stride) {
        int base = shape.keysAt(head);
        for (int t = 0; t < count; t++) {
            int to = base + shape.keyAt(token + t);
            int from = at + t * stride;
            switch (shape.format()) {
                case F32 -> {
                    for (int c = 0; c < shape.keyWidth(); c++) {
                        memory.setAtIndex(FLOAT, to + c * PANEL, keys[from + c]);
                    }
                }
                case F16 -> narrow(keys, from, to, PANEL, shape.keyWidth());
                case Q8 -> {
                    int scaleAt = shape.keyScaleAt(head, token + t);
                    for (int c = 0; c < shape.keyWidth(); c += PageShape.GROUP, scaleAt += PANEL) {
                        int columns = Math.min(PageShape.GROUP, shape.keyWidth() - c);
                        scale(scaleAt, quantise(keys, from + c, columns, to + c * PANEL, PANEL));
                    }
                }
            }
        }
    }

    /** Writes one head's values of some consecutive tokens; as {@link #writeKeys}. */
    void writeValues(int head, int token, int count, float[] values, int at, int stride) {
        for (int t = 0; t < count; t++) {
            int to = shape.valuesAt(head) + (token + t) * PANEL;
            int scaleAt = shape.valueScaleAt(head, token + t);
            for (int c = 0; c < shape.valueWidth(); c += PANEL) {
                int columns = Math.min(PANEL, shape.valueWidth() - c);
                int from = at + t * stride + c;
                switch (shape.format()) {
                    case F32 -> MemorySegment.copy(values, from, memory, FLOAT, 4L * to, columns);
                    case F16 -> narrow(values, from, to, 1, columns);
                    case Q8 -> scale(scaleAt, quantise(values, from, columns, to, 1));
                }
                to += shape.tokens() * PANEL;
                scaleAt += shape.tokens();
            }
        }
    }

    private void narrow(float[] values, int from, int to, int step, int count) {
        if (ElementLoops.nativeLoops) {
            NativeLoops.narrow(values, from, memory, to, step, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            memory.setAtIndex(SHORT, to + i * step, half(values[from + i]));
        }
    }

    private static short half(float value) {
        return Float.floatToFloat16(Math.clamp(value, -MAX_F16, MAX_F16));
    }

    /** Rounds a group to 8 bits, {@code step} apart, and returns its scale. */
    private float quantise(float[] values, int from, int count, int to, int step) {
        float most = 0;
        for (int i = 0; i < count; i++) {
            most = Math.max(most, Math.abs(values[from + i]));
        }
        float scale = most / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        for (int i = 0; i < count; i++) {
            byte rounded = (byte) Math.clamp((int) Math.rint(values[from + i] * inverse), -127, 127);
            memory.set(ValueLayout.JAVA_BYTE, to + i * step, rounded);
        }
        return scale;
    }

    private void scale(int at, float scale) {
        memory.set(FLOAT, scales + 4L * at, scale);
    }

    /**
     * One head's keys in float32: in the scratch from 0 on, which is returned as memory; float32 keys may stay in the page,
     * which then is returned, where loops run in C.
     */
    MemorySegment openKeys(int head, float[] scratch) {
        int at = shape.keysAt(head);
        switch (shape.format()) {
            case F32 -> {
                return plain(at, shape.keyElements(), scratch);
            }
            case F16 -> widen(at, scratch, shape.keyElements());
            case Q8 -> {
                int scaleAt = shape.keyScaleAt(head, 0);
                int to = 0;
                for (int panel = 0; panel < shape.tokens(); panel += PANEL) {
                    for (int group = 0; group < shape.keyWidth(); group += PageShape.GROUP, scaleAt += PANEL) {
                        int columns = Math.min(PageShape.GROUP, shape.keyWidth() - group);
                        for (int c = 0; c < columns; c++, to += PANEL) {
                            scaleLanes(at + to, scaleAt, scratch, to);
                        }
                    }
                }
            }
        }
        return MemorySegment.ofArray(scratch);
    }

    /** As {@link #openKeys} for values. */
    MemorySegment openValues(int head, float[] scratch) {
        int at = shape.valuesAt(head);
        switch (shape.format()) {
            case F32 -> {
                return plain(at, shape.valueElements(), scratch);
            }
            case F16 -> widen(at, scratch, shape.valueElements());
            case Q8 -> {
                int scaleAt = shape.valueScaleAt(head, 0);
                int rows = shape.valuePanels() * shape.tokens();
                for (int row = 0; row < rows; row++) {
                    scaleRow(at + row * PANEL, memory.get(FLOAT, scales + 4L * (scaleAt + row)), scratch, row * PANEL);
                }
            }
        }
        return MemorySegment.ofArray(scratch);
    }

    private MemorySegment plain(int at, int count, float[] scratch) {
        if (ElementLoops.nativeLoops) {
            return memory.asSlice(4L * at, 4L * count);
        }
        MemorySegment.copy(memory, FLOAT, 4L * at, scratch, 0, count);
        return MemorySegment.ofArray(scratch);
    }

    private void widen(int at, float[] to, int count) {
        if (ElementLoops.nativeLoops) {
            NativeLoops.widen(memory, at, to, 0, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            to[i] = Float.float16ToFloat(memory.getAtIndex(SHORT, at + i));
        }
    }

    private void scaleLanes(int at, int scaleAt, float[] to, int toAt) {
        for (int i = 0; i < PANEL; i += BYTES.length()) {
            ByteVector bytes = ByteVector.fromMemorySegment(BYTES, memory, at + i, ORDER);
            for (int part = 0; part < PARTS; part++) {
                int lane = i + part * LANES;
                floats(bytes, part)
                        .mul(FloatVector.fromMemorySegment(SPECIES, memory, scales + 4L * (scaleAt + lane), ORDER))
                        .intoArray(to, toAt + lane);
            }
        }
    }

    private void scaleRow(int at, float scale, float[] to, int toAt) {
        for (int i = 0; i < PANEL; i += BYTES.length()) {
            ByteVector bytes = ByteVector.fromMemorySegment(BYTES, memory, at + i, ORDER);
            for (int part = 0; part < PARTS; part++) {
                floats(bytes, part).mul(scale).intoArray(to, toAt + i + part * LANES);
            }
        }
    }

    private static FloatVector floats(ByteVector bytes, int part) {
        return (FloatVector) bytes.convertShape(VectorOperators.B2F, SPECIES, part);
    }
}
