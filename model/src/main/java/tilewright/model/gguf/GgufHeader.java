package tilewright.model.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.TensorInfo;

/**
 * Reads and checks what stands before the elements of one GGUF file: magic, version, metadata, tensor descriptions.
 *
 * <p>Elements begin at the next multiple of the alignment (32, or {@code general.alignment}); tensors begin at such multiples
 * and must not overlap. A file that holds a type outside {@link DType} is refused as a whole.
 */
final class GgufHeader {
    static final String ALIGNMENT = "general.alignment";

    private static final int MAX_KEY_BYTES = 65_535;
    private static final int MAX_NAME_BYTES = 1024;
    private static final int MAX_RANK = 4;
    private static final int MAX_NESTING = 4;
    private static final int LEAST_ENTRY_BYTES = 8 + 1 + 4 + 1;
    private static final int LEAST_TENSOR_BYTES = 8 + 1 + 4 + 4 + 8;
    private static final long DEFAULT_ALIGNMENT = 32;
    private static final long MAX_ALIGNMENT = 1 << 30;

    private final Path file;
    private final MemorySegment mapped;
    private final GgufCursor cursor;

    private GgufHeader(Path file, MemorySegment mapped) {
        this.file = file;
        this.mapped = mapped;
        cursor = new GgufCursor(file, mapped);
    }

    /**
     * What one file holds.
     *
     * @param tensors by name, in the order of their descriptions
     */
    record Contents(GgufMetadata metadata, Map<String, TensorInfo> tensors) {}

    /** What the mapped file holds. */
    static Contents read(Path file, MemorySegment mapped) {
        return new GgufHeader(file, mapped).read();
    }

    private Contents read() {
        checkMagicAndVersion();
        // Both counts precede what they count, so that the bytes that follow bound each of them.
        long tensorCount = cursor.count(LEAST_TENSOR_BYTES, () -> "tensors");
        long entryCount = cursor.count(LEAST_ENTRY_BYTES, () -> "metadata entries");
        Map<String, GgufMetadata.Entry> entries = new LinkedHashMap<>();
        for (long i = 0; i < entryCount; i++) {
            entry(i, entries);
        }
        GgufMetadata metadata = new GgufMetadata(file, mapped, entries);
        long alignment = alignment(metadata);
        List<Described> described = new ArrayList<>();
        for (long i = 0; i < tensorCount; i++) {
            described.add(tensor(i, alignment));
        }
        long start = (cursor.at() + alignment - 1) / alignment * alignment;
        return new Contents(metadata, placed(described, start));
    }

    private void checkMagicAndVersion() {
        byte[] start = mapped.asSlice(0, Math.min(mapped.byteSize(), 24)).toArray(ValueLayout.JAVA_BYTE);
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (text.startsWith("version https://git-lfs")) {
            throw new InvalidInputException(
                    file + ": this is a Git LFS pointer, not the model itself; run 'git lfs pull'");
        }
        if (text.startsWith("ggjt") || text.startsWith("tjgg") || text.startsWith("lmgg") || text.startsWith("fmgg")) {
            throw new InvalidInputException(
                    file + ": this is a GGML file from before GGUF; convert the checkpoint to GGUF again");
        }
        if (!text.startsWith("GGUF")) {
            throw new InvalidInputException(file + ": begins with "
                    + InvalidInputException.quoted(text.substring(0, Math.min(4, text.length())))
                    + ", expected 'GGUF'; it is not a GGUF file or was cut short, fetch it again");
        }
        cursor.skip(4, () -> "magic");
        int version = cursor.int32(() -> "version");
        if (version != 2 && version != 3) {
            int reversed = Integer.reverseBytes(version);
            if (reversed > 0 && reversed < 1 << 16) {
                throw new InvalidInputException(file + ": this is a big-endian GGUF file (version " + reversed
                        + "), expected a little-endian one; convert it with gguf_convert_endian.py");
            }
            throw new InvalidInputException(file + ": GGUF version " + Integer.toUnsignedString(version)
                    + ", expected 2 or 3; convert the checkpoint to GGUF again");
        }
    }

    private void entry(long index, Map<String, GgufMetadata.Entry> entries) {
        long start = cursor.at();
        String key = cursor.name(MAX_KEY_BYTES, () -> "key " + index);
        String quoted = InvalidInputException.quoted(key);
        GgufValueType type = valueType(() -> "the type of " + quoted);
        GgufMetadata.Entry entry;
        if (type == GgufValueType.ARRAY) {
            GgufValueType elements = valueType(() -> "the element type of " + quoted);
            long count = cursor.count(elements.leastBytes(), () -> "elements of " + quoted);
            entry = new GgufMetadata.Entry(type, elements, count, cursor.at());
            skipElements(elements, count, quoted, 1);
        } else {
            entry = new GgufMetadata.Entry(type, type, 1, cursor.at());
            skipElements(type, 1, quoted, 0);
        }
        if (entries.putIfAbsent(key, entry) != null) {
            throw cursor.failure(start, "key " + quoted + " occurs twice");
        }
    }

    private GgufValueType valueType(Supplier<String> what) {
        long start = cursor.at();
        int number = cursor.int32(what);
        if (number < 0 || number >= GgufValueType.values().length) {
            throw cursor.failure(
                    start,
                    what.get() + " is " + Integer.toUnsignedString(number) + ", expected 0 to "
                            + (GgufValueType.values().length - 1));
        }
        return GgufValueType.values()[number];
    }

    private void skipElements(GgufValueType type, long count, String key, int depth) {
        if (type == GgufValueType.STRING) {
            Supplier<String> what = () -> "a string of " + key;
            for (long i = 0; i < count; i++) {
                cursor.skipString(what);
            }
        } else if (type == GgufValueType.ARRAY) {
            if (depth >= MAX_NESTING) {
                throw cursor.failure(
                        cursor.at(), "arrays of " + key + " are nested more than " + MAX_NESTING + " deep");
            }
            for (long i = 0; i < count; i++) {
                GgufValueType elements = valueType(() -> "an element type of " + key);
                long inner = cursor.count(elements.leastBytes(), () -> "elements of " + key);
                skipElements(elements, inner, key, depth + 1);
            }
        } else {
            cursor.skip(count * type.bytes(), () -> "the value of " + key);
        }
    }

    private long alignment(GgufMetadata metadata) {
        long alignment = metadata.integer(ALIGNMENT, DEFAULT_ALIGNMENT);
        if (alignment < 1 || alignment > MAX_ALIGNMENT || Long.bitCount(alignment) != 1) {
            throw new InvalidInputException(file + ": " + ALIGNMENT + " is " + Long.toUnsignedString(alignment)
                    + ", expected a power of two up to " + MAX_ALIGNMENT + GgufCursor.AGAIN);
        }
        return alignment;
    }

    /** A tensor whose place among the elements is known, but not yet where they begin. */
    private record Described(String name, DType dtype, List<Long> shape, long offset, long bytes) {}

    private Described tensor(long index, long alignment) {
        String name = cursor.name(MAX_NAME_BYTES, () -> "the name of tensor " + index);
        String quoted = "tensor " + InvalidInputException.quoted(name);
        long start = cursor.at();
        int rank = cursor.int32(() -> "the rank of " + quoted);
        if (rank < 0 || rank > MAX_RANK) {
            throw cursor.failure(
                    start,
                    quoted + " has " + Integer.toUnsignedString(rank) + " dimensions, expected at most " + MAX_RANK);
        }
        List<Long> innermostFirst = new ArrayList<>(rank);
        for (int axis = 0; axis < rank; axis++) {
            innermostFirst.add(cursor.int64(() -> "the shape of " + quoted));
        }
        List<Long> shape = innermostFirst.reversed();
        long typeAt = cursor.at();
        int number = cursor.int32(() -> "the type of " + quoted);
        DType dtype = GgufTensorTypes.of(number)
                .orElseThrow(() -> new InvalidInputException(file + ": at byte " + typeAt + ": " + quoted
                        + " has type " + GgufTensorTypes.label(number) + ", expected one of "
                        + GgufTensorTypes.supported() + "; use a file quantised to one of these"));
        long innermost = shape.isEmpty() ? 1 : shape.getLast();
        if (innermost >= 0 && innermost % dtype.blockElements() != 0) {
            throw cursor.failure(
                    start,
                    quoted + " has rows of " + innermost + " elements, expected a multiple of " + dtype.blockElements()
                            + " for " + dtype.label());
        }
        long bytes = TensorInfo.byteCount(dtype, shape);
        if (bytes < 0) {
            throw cursor.failure(start, quoted + " has shape " + unsigned(shape) + ", whose size exceeds 64 bits");
        }
        long offsetAt = cursor.at();
        long offset = cursor.int64(() -> "the offset of " + quoted);
        if (offset < 0 || offset % alignment != 0) {
            throw cursor.failure(
                    offsetAt,
                    quoted + " has offset " + Long.toUnsignedString(offset) + ", expected a multiple of the alignment "
                            + alignment);
        }
        return new Described(name, dtype, List.copyOf(shape), offset, bytes);
    }

    private static List<String> unsigned(List<Long> shape) {
        return shape.stream().map(Long::toUnsignedString).toList();
    }

    /** Checks names, ends and overlaps. */
    private Map<String, TensorInfo> placed(List<Described> described, long start) {
        long present = mapped.byteSize() - start;
        Map<String, TensorInfo> tensors = LinkedHashMap.newLinkedHashMap(described.size());
        for (Described tensor : described) {
            String quoted = "tensor " + InvalidInputException.quoted(tensor.name());
            if (present < 0 || tensor.offset() > present || tensor.bytes() > present - tensor.offset()) {
                throw new InvalidInputException(file + ": " + quoted + " takes " + tensor.bytes()
                        + " bytes from byte " + start + " + " + tensor.offset() + " on, but the file ends at byte "
                        + mapped.byteSize() + "; it was cut short, fetch it again");
            }
            TensorInfo info = new TensorInfo(
                    tensor.name(), tensor.dtype(), tensor.shape(), file, start + tensor.offset(), tensor.bytes());
            if (tensors.putIfAbsent(tensor.name(), info) != null) {
                throw new InvalidInputException(file + ": " + quoted + " occurs twice" + GgufCursor.AGAIN);
            }
        }
        List<TensorInfo> inOrder = new ArrayList<>(tensors.values());
        inOrder.removeIf(info -> info.bytes() == 0);
        inOrder.sort(Comparator.comparingLong(TensorInfo::offset));
        for (int i = 1; i < inOrder.size(); i++) {
            TensorInfo before = inOrder.get(i - 1);
            TensorInfo info = inOrder.get(i);
            if (info.offset() < before.offset() + before.bytes()) {
                throw new InvalidInputException(file + ": tensor " + InvalidInputException.quoted(info.name())
                        + " begins at byte " + info.offset() + ", but tensor "
                        + InvalidInputException.quoted(before.name()) + " ends at byte "
                        + (before.offset() + before.bytes()) + GgufCursor.AGAIN);
            }
        }
        return tensors;
    }
}
