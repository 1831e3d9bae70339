package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;

/**
 * A weight matrix [rows, width], stored in parts below each other and packed for the kernels when they need it again.
 *
 * <p>Immutable to its users and safe for use by several threads. Before packing it refers to the encoded parts, whose memory
 * must stay valid; afterwards it has its own copy off heap and lets the parts go, giving the pages of a mapped file back to
 * the system, so that weights are not in memory twice. The copy is freed with its
 * {@link WeightMemory}.
 *
 * <p>Neighbouring parts of one format are packed together; a change of format begins a new panel. Panels are numbered
 * through all of them.
 *
 * <p>A matrix may also be made of panels that lie in memory of somebody else, such as a slot for an expert:
 * {@link #packed(String, int, int, int, float, MemorySegment, MemorySegment)}.
 */
public final class MatrixWeights {
    private final String name;
    private final int rows;
    private final int width;
    private final int panels;
    private final List<Section> sections = new ArrayList<>();

    private MatrixWeights(String name, Panels packed) {
        this.name = Objects.requireNonNull(name);
        this.rows = packed.rows();
        this.width = packed.width();
        this.panels = packed.count();
        sections.add(new Section(name, packed));
    }

    private MatrixWeights(String name, List<EncodedMatrix> parts, WeightMemory memory) {
        this.name = Objects.requireNonNull(name);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("matrix '" + name + "' has no parts");
        }
        this.width = parts.getFirst().width();
        int row = 0;
        int panel = 0;
        List<EncodedMatrix> run = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            EncodedMatrix part = parts.get(i);
            if (part.width() != width) {
                throw new IllegalArgumentException("matrix '" + name + "' has parts that are " + width + " and "
                        + part.width() + " wide, expected one width");
            }
            if (!part.format().isFloat()) {
                throw new IllegalArgumentException(
                        "matrix '" + name + "' is stored as " + part.format().label() + ", expected real numbers");
            }
            run.add(part);
            if (i + 1 == parts.size() || parts.get(i + 1).format() != part.format()) {
                Section section = new Section(name, List.copyOf(run), row, panel, memory);
                sections.add(section);
                row = Math.addExact(row, section.rows());
                panel += section.panels();
                run.clear();
            }
        }
        this.rows = row;
        this.panels = panel;
    }

    /**
     * A matrix of these parts, in order; nothing is read yet.
     *
     * @param name what messages call it
     * @param parts at least one, of equal width, in any formats of real numbers
     * @throws IllegalArgumentException when widths differ or a part holds integers
     * @throws ArithmeticException when there are more rows than a 32-bit integer can say
     */
    public static MatrixWeights of(String name, List<EncodedMatrix> parts) {
        return of(name, parts, new WeightMemory());
    }

    /** As above, to be packed into memory that several matrices share. */
    public static MatrixWeights of(String name, List<EncodedMatrix> parts, WeightMemory memory) {
        return new MatrixWeights(name, parts, memory);
    }

    /**
     * A matrix of nested codes over memory that the caller owns and does not change or free while the matrix is in use.
     *
     * @param bits bits of a code, as of {@link tilewright.model.format.GroupedCodes}
     * @param unit what scales are multiples of, positive and finite
     * @param base the base range, off heap, 64-byte aligned, {@link GroupedPanels#baseBytes} or more
     * @param residual the residual range, likewise, {@link GroupedPanels#residualBytes} or more; null to know only the base,
     *     whose codes then stand for the middle of what they cover
     * @throws IllegalArgumentException for shapes, bits or a unit that cannot be, and memory that is too small, misaligned
     *     or on the heap
     */
    public static MatrixWeights packed(
            String name, int bits, int rows, int width, float unit, MemorySegment base, MemorySegment residual) {
        PanelLayout layout = PanelLayout.nested(bits);
        long baseBytes = GroupedPanels.baseBytes(bits, rows, width);
        long residualBytes = GroupedPanels.residualBytes(bits, rows, width);
        if (!(unit > 0) || Float.isInfinite(unit)) {
            throw new IllegalArgumentException(
                    "matrix '" + name + "' has the unit " + unit + ", expected a positive, finite number");
        }
        MemorySegment first = required(name, "base", base, baseBytes);
        MemorySegment second =
                residual == null || residualBytes == 0 ? null : required(name, "residual", residual, residualBytes);
        return new MatrixWeights(name, new Panels(layout, rows, width, first, second, unit));
    }

    /**
     * A matrix of a stored format over panels that the caller owns and does not change or free while the matrix is in use.
     *
     * @param format the stored format
     * @param panels what {@link StoredPanels#pack} has written, off heap, 64-byte aligned, {@link StoredPanels#bytes} or more
     * @throws IllegalArgumentException for shapes that cannot be, and memory that is too small, misaligned or on the heap
     */
    public static MatrixWeights packed(String name, DType format, int rows, int width, MemorySegment panels) {
        MemorySegment bytes = required(name, "panel", panels, StoredPanels.bytes(format, rows, width));
        return new MatrixWeights(name, new Panels(PanelLayout.of(format), rows, width, bytes));
    }

    /** The part of some memory that is needed, checked. */
    static MemorySegment required(String name, String range, MemorySegment memory, long bytes) {
        if (!memory.isNative() || memory.address() % PanelLayout.WORD_BYTES != 0 || memory.byteSize() < bytes) {
            throw new IllegalArgumentException("matrix '" + name + "' cannot have its " + range + " range in "
                    + memory.byteSize() + " bytes" + (memory.isNative() ? "" : " on the heap") + ", expected " + bytes
                    + " bytes off the heap at a multiple of " + PanelLayout.WORD_BYTES);
        }
        return memory.asSlice(0, bytes);
    }

    /** What messages call it. */
    public String name() {
        return name;
    }

    /** Outputs of a product. */
    public int rows() {
        return rows;
    }

    /** Elements of a row. */
    public int width() {
        return width;
    }

    /** How many panels of up to {@link PanelLayout#PANEL_ROWS} rows there are: the unit in which work is shared. */
    public int panels() {
        return panels;
    }

    /** Bytes of the packed form. */
    public long packedBytes() {
        return sections.stream().mapToLong(Section::packedBytes).sum();
    }

    /** Whether nothing is left to pack. */
    public boolean isPacked() {
        return sections.stream().allMatch(Section::isPacked);
    }

    /**
     * Packs now, in the calling thread, what is not packed yet; different matrices may be packed in parallel.
     *
     * @throws tilewright.model.InvalidInputException when a scale of the stored weights is not a finite number
     */
    public void pack() {
        sections.forEach(Section::packed);
    }

    /**
     * Decodes one row, for embedding tables: from the stored form, or from the packed form once that exists.
     *
     * @param row 0 to {@link #rows()} - 1
     * @param values takes {@link #width()} values from index {@code at} on
     */
    public void row(int row, float[] values, int at) {
        Objects.checkIndex(row, rows);
        Objects.checkFromIndexSize(at, width, values.length);
        for (Section section : sections) {
            if (row < section.firstRow() + section.rows()) {
                section.row(row - section.firstRow(), values, at);
                return;
            }
        }
    }

    /** Panels for one piece of work when this many threads share the matrix: long runs, but enough to even out. */
    public int chunkPanels(int threads) {
        if (threads <= 1) {
            return Math.max(1, panels);
        }
        int pieces = 4 * threads;
        int chunk = Math.ceilDiv(panels, pieces);
        return Math.max(2, chunk + (chunk & 1));
    }

    /** The runs of rows of one format, top to bottom. */
    List<Section> sections() {
        return sections;
    }

    /** {@code name [rows, width]}, for messages. */
    @Override
    public String toString() {
        return name + " [" + rows + ", " + width + "]";
    }
}
