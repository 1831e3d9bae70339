package tilewright.edge.language;

import static tilewright.edge.vector.MatrixProduct.LANES;
import static tilewright.edge.vector.MatrixProduct.PANEL;
import static tilewright.edge.vector.MatrixProduct.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tilewright.edge.matrix.NativeLoops;

/** The keys and values of some consecutive positions of one attention node, in the layout of a {@link PageShape}. */
final class Page {
    private static final float MAX_F16 = 65504;
    /** As many bytes as a vector has floats, or the fewest that a vector of bytes can have. */
    private static final VectorSpecies<Byte> BYTES = LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
    /** Vectors of floats that a vector of bytes becomes. */
    private static final int PARTS = BYTES.length() / LANES;

    private final PageShape shape;
    private final float[] f32;
    private final short[] f16;
    private final byte[] q8;
    private final float[] scales;
    /** Caches that hold this page. */
    int users;

    Page(PageShape shape) {
        this.shape = shape;
        int elements = shape.elements();
        f32 = new float[shape.format() == CacheFormat.F32 ? elements : 0];
        f16 = new short[shape.format() == CacheFormat.F16 ? elements : 0];
        q8 = new byte[shape.format() == CacheFormat.Q8 ? elements : 0];
        scales = new float[shape.format() == CacheFormat.Q8 ? shape.scales() : 0];
    }

    PageShape shape() {
        return shape;
    }

    /** Forgets what is in it: positions not yet written count as zeros. */
    void clear() {
        Arrays.fill(f32, 0);
        Arrays.fill(f16, (short) 0);
        Arrays.fill(q8, (byte) 0);
        Arrays.fill(scales, 0);
    }

    /** Takes over another page's content. */
    void copy(Page other) {
        System.arraycopy(other.f32, 0, f32, 0, f32.length);
        System.arraycopy(other.f16, 0, f16, 0, f16.length);
        System.arraycopy(other.q8, 0, q8, 0, q8.length);
        System.arraycopy(other.scales, 0, scales, 0, scales.length);
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
                        f32[to + c * PANEL] = keys[from + c];
                    }
                }
                case F16 -> narrow(keys, from, to, PANEL, shape.keyWidth());
                case Q8 -> {
                    int scaleAt = shape.keyScaleAt(head, token + t);
                    for (int c = 0; c < shape.keyWidth(); c += PageShape.GROUP, scaleAt += PANEL) {
                        int columns = Math.min(PageShape.GROUP, shape.keyWidth() - c);
                        scales[scaleAt] = quantise(keys, from + c, columns, to + c * PANEL, PANEL);
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
                    case F32 -> System.arraycopy(values, from, f32, to, columns);
                    case F16 -> narrow(values, from, to, 1, columns);
                    case Q8 -> scales[scaleAt] = quantise(values, from, columns, to, 1);
                }
                to += shape.tokens() * PANEL;
                scaleAt += shape.tokens();
            }
        }
    }

    private void narrow(float[] values, int from, int to, int step, int count) {
        if (ElementLoops.nativeLoops) {
            NativeLoops.narrow(values, from, f16, to, step, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            f16[to + i * step] = half(values[from + i]);
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
            q8[to + i * step] = (byte) Math.clamp((int) Math.rint(values[from + i] * inverse), -127, 127);
        }
        return scale;
    }

    /** The array in which {@link #openKeys} and {@link #openValues} find elements: the page's own, or the scratch. */
    float[] opened(float[] scratch) {
        return shape.format() == CacheFormat.F32 ? f32 : scratch;
    }

    /** Where one head's keys begin in {@link #opened}; they are widened into the scratch unless they are float32. */
    int openKeys(int head, float[] scratch) {
        int at = shape.keysAt(head);
        switch (shape.format()) {
            case F32 -> {
                return at;
            }
            case F16 -> widen(f16, at, scratch, shape.keyElements());
            case Q8 -> {
                int scaleAt = shape.keyScaleAt(head, 0);
                int to = 0;
                for (int panel = 0; panel < shape.tokens(); panel += PANEL) {
                    for (int group = 0; group < shape.keyWidth(); group += PageShape.GROUP, scaleAt += PANEL) {
                        int columns = Math.min(PageShape.GROUP, shape.keyWidth() - group);
                        for (int c = 0; c < columns; c++, to += PANEL) {
                            scaleLanes(q8, at + to, scales, scaleAt, scratch, to);
                        }
                    }
                }
            }
        }
        return 0;
    }

    /** As {@link #openKeys} for values. */
    int openValues(int head, float[] scratch) {
        int at = shape.valuesAt(head);
        switch (shape.format()) {
            case F32 -> {
                return at;
            }
            case F16 -> widen(f16, at, scratch, shape.valueElements());
            case Q8 -> {
                int scaleAt = shape.valueScaleAt(head, 0);
                int rows = shape.valuePanels() * shape.tokens();
                for (int row = 0; row < rows; row++) {
                    scaleRow(q8, at + row * PANEL, scales[scaleAt + row], scratch, row * PANEL);
                }
            }
        }
        return 0;
    }

    private static void widen(short[] from, int at, float[] to, int count) {
        if (ElementLoops.nativeLoops) {
            NativeLoops.widen(from, at, to, 0, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            to[i] = Float.float16ToFloat(from[at + i]);
        }
    }

    private static void scaleLanes(byte[] q, int at, float[] scales, int scaleAt, float[] to, int toAt) {
        for (int i = 0; i < PANEL; i += BYTES.length()) {
            ByteVector bytes = ByteVector.fromArray(BYTES, q, at + i);
            for (int part = 0; part < PARTS; part++) {
                int lane = i + part * LANES;
                floats(bytes, part)
                        .mul(FloatVector.fromArray(SPECIES, scales, scaleAt + lane))
                        .intoArray(to, toAt + lane);
            }
        }
    }

    private static void scaleRow(byte[] q, int at, float scale, float[] to, int toAt) {
        for (int i = 0; i < PANEL; i += BYTES.length()) {
            ByteVector bytes = ByteVector.fromArray(BYTES, q, at + i);
            for (int part = 0; part < PARTS; part++) {
                floats(bytes, part).mul(scale).intoArray(to, toAt + i + part * LANES);
            }
        }
    }

    private static FloatVector floats(ByteVector bytes, int part) {
        return (FloatVector) bytes.convertShape(VectorOperators.B2F, SPECIES, part);
    }
}
