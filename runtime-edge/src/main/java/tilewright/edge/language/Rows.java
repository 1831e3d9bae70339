package tilewright.edge.language;

import java.util.ArrayList;
import java.util.List;

/** A value of float32 rows of equal length: a view of a storage that other values may share, before or after it. */
final class Rows implements Bound {
    private final RowSpace space;
    private final int width;
    private final Storage storage;
    private final int offset;
    private final int stride;

    /** Rows of {@code width} elements, the first at {@code offset}, {@code stride} apart. */
    Rows(RowSpace space, int width, Storage storage, int offset, int stride) {
        this.space = space;
        this.width = width;
        this.storage = storage;
        this.offset = offset;
        this.stride = stride;
    }

    /** Columns {@code from .. from+columns-1} of these rows. */
    Rows columns(int from, int columns) {
        return new Rows(space, columns, storage, offset + from, stride);
    }

    /** The space whose rows these are. */
    RowSpace space() {
        return space;
    }

    /** Elements of a row. */
    int width() {
        return width;
    }

    /** The number of rows in this pass. */
    int rows() {
        return space.rows();
    }

    /** The elements of all rows. */
    long elements() {
        return (long) rows() * width;
    }

    Storage storage() {
        return storage;
    }

    /** The array that holds the rows in this pass. */
    float[] data() {
        return storage.data;
    }

    /** Where a row begins in {@link #data()}. */
    int at(int row) {
        return offset + row * stride;
    }

    /** From one row's begin to the next's. */
    int stride() {
        return stride;
    }

    /** Whether the first row is at the begin of the array. */
    boolean startsAtZero() {
        return offset == 0;
    }

    /** Whether the rows lie without gaps. */
    boolean contiguous() {
        return stride == width;
    }

    /** An array that several values use, one after the other, or as views of each other. */
    static final class Storage {
        private final List<Claim> claims = new ArrayList<>();
        private float[] data = new float[0];

        /** What one value needs. */
        private record Claim(RowSpace space, int width) {}

        /** Asks for room for rows of a space. */
        void claim(RowSpace space, int width) {
            claims.add(new Claim(space, width));
        }

        /** The most elements asked for per token. */
        long perToken() {
            long most = 0;
            for (Claim claim : claims) {
                most = Math.max(most, (long) claim.space().perToken() * claim.width());
            }
            return most;
        }

        /** The bytes for a pass of so many tokens of which some are wanted. */
        long bytes(int tokens, RowSpace wanted, int wantedTokens) {
            long elements = 0;
            for (Claim claim : claims) {
                long rows = (long) (claim.space().root() == wanted ? wantedTokens : tokens)
                        * claim.space().perToken();
                elements = Math.max(elements, rows * claim.width());
            }
            return elements * Float.BYTES;
        }

        /** A copy of what it holds. */
        float[] copy() {
            return data.clone();
        }

        /** Puts back what {@link #copy} gave, in a pass of as many rows. */
        void restore(float[] copy) {
            System.arraycopy(copy, 0, data, 0, copy.length);
        }

        /** Makes room for this pass; the content is lost where it grows. */
        void ensure() {
            long elements = 0;
            for (int i = 0; i < claims.size(); i++) {
                Claim claim = claims.get(i);
                elements = Math.max(elements, (long) claim.space().rows() * claim.width());
            }
            if (data.length < elements) {
                data = new float[Math.toIntExact(elements)];
            }
        }
    }
}
