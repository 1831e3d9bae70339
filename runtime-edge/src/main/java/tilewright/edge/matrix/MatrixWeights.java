package tilewright.edge.matrix;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tilewright.model.graph.EncodedMatrix;

/**
 * A weight matrix [rows, width], stored in parts below each other and packed for the kernels when they first need it.
 *
 * <p>Immutable to its users and safe for use by several threads. Before packing it refers to the encoded parts, whose memory
 * must stay valid; afterwards it has its own copy off heap and lets the parts go, giving the pages of a mapped file back to
 * the system, so that weights are not in memory twice. The copy is freed with its
 * {@link WeightMemory}.
 *
 * <p>Neighbouring parts of one format are packed together; a change of format begins a new panel. Panels are numbered
 * through all of them.
 */
public final class MatrixWeights {
    private final String name;
    private final int rows;
    private final int width;
    private final int panels;
    private final List<Section> sections = new ArrayList<>();

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
