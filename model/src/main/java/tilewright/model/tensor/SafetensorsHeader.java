package tilewright.model.tensor;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.model.InvalidInputException;

/**
 * Reads and checks the header of one safetensors file: 8 bytes length, that many bytes of JSON, then the elements.
 *
 * <p>As the format requires, the tensors' byte ranges cover the rest of the file without gap or overlap. A file that
 * holds a type outside {@link DType} is refused as a whole.
 */
final class SafetensorsHeader {
    /** The format allows 100 MB; published headers stay below 16 MiB, and the limit bounds the heap that one takes. */
    static final int MAX_HEADER_BYTES = 32 << 20;

    private static final int PREFIX_BYTES = 8;
    private static final int MAX_RANK = 64;
    private static final String METADATA = "__metadata__";

    private final Path file;
    private final long headerBytes;
    private final long dataBytes;

    private SafetensorsHeader(Path file, long headerBytes, long dataBytes) {
        this.file = file;
        this.headerBytes = headerBytes;
        this.dataBytes = dataBytes;
    }

    /**
     * The tensors of a mapped file, by name, in the order of their bytes.
     *
     * @param file its path, for messages
     * @param mapped the whole file
     */
    static Map<String, TensorInfo> read(Path file, MemorySegment mapped) {
        long fileBytes = mapped.byteSize();
        if (fileBytes < PREFIX_BYTES) {
            throw new InvalidInputException(file + ": " + fileBytes
                    + " bytes are too few for a safetensors file; it was cut short, fetch it again");
        }
        long headerBytes = mapped.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
        if (headerBytes < 0 || headerBytes > fileBytes - PREFIX_BYTES) {
            OtherFormats.refuse(file, mapped);
            throw new InvalidInputException(file + ": header length " + Long.toUnsignedString(headerBytes)
                    + " exceeds the file's " + fileBytes
                    + " bytes; it is not a safetensors file or was cut short, fetch it again");
        }
        if (headerBytes > MAX_HEADER_BYTES) {
            OtherFormats.refuse(file, mapped);
            throw new InvalidInputException(file + ": header of " + headerBytes + " bytes exceeds the limit of "
                    + MAX_HEADER_BYTES + "; split the model into shards");
        }
        byte[] json = mapped.asSlice(PREFIX_BYTES, headerBytes).toArray(ValueLayout.JAVA_BYTE);
        return new SafetensorsHeader(file, headerBytes, fileBytes - PREFIX_BYTES - headerBytes).tensors(json);
    }

    private Map<String, TensorInfo> tensors(byte[] utf8) {
        List<TensorInfo> found = new ArrayList<>();
        StrictJson.read(
                file + ": header",
                utf8,
                json -> json.object("the header", name -> {
                    if (name.equals(METADATA)) {
                        json.object(METADATA, key -> json.string("the metadata " + InvalidInputException.quoted(key)));
                    } else {
                        found.add(tensor(json, name));
                    }
                }));
        found.sort(Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes));
        checkCoverage(found);
        Map<String, TensorInfo> byName = LinkedHashMap.newLinkedHashMap(found.size());
        found.forEach(info -> byName.put(info.name(), info));
        return byName;
    }

    /** The three members of a tensor's entry, in any order; others are ignored as the reference reader does. */
    private static final class Entry {
        private String dtype;
        private List<Long> shape;
        private List<Long> offsets;
    }

    private TensorInfo tensor(StrictJson json, String name) throws IOException {
        String tensor = "tensor " + InvalidInputException.quoted(name);
        Entry entry = new Entry();
        json.object(tensor, member -> {
            switch (member) {
                case "dtype" -> entry.dtype = json.string("dtype of " + tensor);
                case "shape" -> entry.shape = json.counts("shape of " + tensor, MAX_RANK);
                case "data_offsets" -> entry.offsets = json.counts("data_offsets of " + tensor, 2);
                default -> json.skip();
            }
        });
        if (entry.dtype == null || entry.shape == null || entry.offsets == null) {
            String missing = entry.dtype == null ? "dtype" : entry.shape == null ? "shape" : "data_offsets";
            throw json.failure("has no " + missing + " for " + tensor);
        }
        DType dtype = DType.fromLabel(entry.dtype)
                .orElseThrow(() -> new InvalidInputException(file + ": " + tensor + " has dtype "
                        + InvalidInputException.quoted(entry.dtype) + ", expected one of " + DType.supported()
                        + "; convert the checkpoint, for example to BF16"));
        return checked(name, tensor, dtype, entry.shape, entry.offsets);
    }

    private TensorInfo checked(String name, String tensor, DType dtype, List<Long> shape, List<Long> offsets) {
        long bytes = TensorInfo.byteCount(dtype, shape);
        if (bytes < 0) {
            throw new InvalidInputException(file + ": " + tensor + " has shape " + shape
                    + ", whose size exceeds 64 bits; the file is damaged, fetch it again");
        }
        String problem = null;
        if (offsets.size() != 2) {
            problem = ", expected [begin, end]";
        } else if (offsets.get(0) > offsets.get(1)) {
            problem = ", which end before they begin";
        } else if (offsets.get(1) > dataBytes) {
            problem = ", but only " + dataBytes + " bytes follow the header; the file was cut short, fetch it again";
        } else if (offsets.get(1) - offsets.get(0) != bytes) {
            problem = " (" + (offsets.get(1) - offsets.get(0)) + " bytes), but shape " + shape + " of " + dtype.label()
                    + " takes " + bytes + " bytes";
        }
        if (problem != null) {
            String wayOut = problem.contains("fetch") ? "" : "; the file is damaged, fetch it again";
            throw new InvalidInputException(file + ": " + tensor + " has data_offsets " + offsets + problem + wayOut);
        }
        return new TensorInfo(name, dtype, shape, file, PREFIX_BYTES + headerBytes + offsets.get(0), bytes);
    }

    /** Checks that the ranges, in order, follow each other from the first to the last byte behind the header. */
    private void checkCoverage(List<TensorInfo> inOrder) {
        long start = PREFIX_BYTES + headerBytes;
        long end = start;
        TensorInfo last = null;
        for (TensorInfo info : inOrder) {
            if (info.offset() != end) {
                String problem = info.offset() < end
                        ? "overlaps tensor " + InvalidInputException.quoted(last.name()) + ", which ends at "
                                + (end - start)
                        : "leaves a gap of " + (info.offset() - end) + " bytes before it";
                throw new InvalidInputException(file + ": tensor " + InvalidInputException.quoted(info.name())
                        + " at data offset " + (info.offset() - start) + " " + problem
                        + "; the file is damaged, fetch it again");
            }
            end += info.bytes();
            last = info;
        }
        if (end != start + dataBytes) {
            throw new InvalidInputException(file + ": " + (start + dataBytes - end)
                    + " bytes behind the last tensor belong to none; the file is damaged, fetch it again");
        }
    }
}
