package tilewright.model.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tilewright.model.InvalidInputException;

/** Recognises what people pass instead of a safetensors file, by its first bytes. */
final class OtherFormats {
    /** The way out for owners of a pickled checkpoint. */
    static final String CONVERT =
            "convert it in Python with safetensors.torch.save_file(state_dict, 'model.safetensors')";

    private OtherFormats() {}

    /**
     * Throws if the file is of a known other format, else returns.
     *
     * <p>Only for files whose header length is impossible: a pickle's first two bytes also begin a header of 640 bytes.
     */
    static void refuse(Path file, MemorySegment mapped) {
        long length = Math.min(mapped.byteSize(), 24);
        String start =
                new String(mapped.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        if (start.startsWith("PK\3\4") || start.startsWith("\u0080\2") || start.startsWith("\u0080\4")) {
            throw new InvalidInputException(file + ": this is a PyTorch pickle, expected safetensors; " + CONVERT);
        }
        if (start.startsWith("GGUF")) {
            throw new InvalidInputException(file + ": this is a GGUF file, expected safetensors;"
                    + " use the checkpoint that it was converted from");
        }
        if (start.startsWith("version https://git-lfs")) {
            throw new InvalidInputException(
                    file + ": this is a Git LFS pointer, not the model itself; run 'git lfs pull'");
        }
    }
}
