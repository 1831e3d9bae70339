package tilewright.model.tensor;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import tilewright.model.format.BlockCodec;
import tilewright.model.format.Formats;

/**
 * The element types of tensor files: the plain types of safetensors, and GGUF's block formats.
 *
 * <p>A block format stores {@link #blockElements()} consecutive elements of a row in {@link #blockBytes()} bytes; rows are
 * whole blocks. A plain type is a block of one element.
 */
public enum DType {
    /** IEEE 754 binary64. */
    F64(8),
    /** IEEE 754 binary32. */
    F32(Formats.F32),
    /** IEEE 754 binary16. */
    F16(Formats.F16),
    /** bfloat16: the upper half of a binary32. */
    BF16(Formats.BF16),
    /** Signed 64-bit integer. */
    I64(8),
    /** Signed 32-bit integer. */
    I32(4),
    /** Signed 16-bit integer. */
    I16(2),
    /** Signed 8-bit integer. */
    I8(1),
    /** Unsigned 8-bit integer. */
    U8(1),
    /** One byte, 0 for false, anything else for true. */
    BOOL(1),
    /** Unsigned 16-bit integer. */
    U16(2),
    /** Unsigned 32-bit integer. */
    U32(4),
    /** Unsigned 64-bit integer. */
    U64(8),
    /** OCP 8-bit float: 4 exponent bits, 3 fraction bits, no infinity, largest 448. */
    F8_E4M3(Formats.F8_E4M3),
    /** OCP 8-bit float: 5 exponent bits, 2 fraction bits, with infinity, largest 57 344. */
    F8_E5M2(Formats.F8_E5M2),
    /** OCP 8-bit scale: a power of two from 2^-127 to 2^127, or NaN. */
    F8_E8M0(Formats.F8_E8M0),
    /** GGUF: 4-bit codes around 0, binary16 scale per 32. */
    Q4_0(Formats.Q4_0),
    /** GGUF: 4-bit codes, binary16 scale and minimum per 32. */
    Q4_1(Formats.Q4_1),
    /** GGUF: 5-bit codes around 0, binary16 scale per 32. */
    Q5_0(Formats.Q5_0),
    /** GGUF: 5-bit codes, binary16 scale and minimum per 32. */
    Q5_1(Formats.Q5_1),
    /** GGUF: 8-bit codes, binary16 scale per 32. */
    Q8_0(Formats.Q8_0),
    /** GGUF: 2-bit codes, 4-bit scales and minima per 16 in blocks of 256. */
    Q2_K(Formats.Q2_K),
    /** GGUF: 3-bit codes, 6-bit scales per 16 in blocks of 256. */
    Q3_K(Formats.Q3_K),
    /** GGUF: 4-bit codes, 6-bit scales and minima per 32 in blocks of 256. */
    Q4_K(Formats.Q4_K),
    /** GGUF: 5-bit codes, 6-bit scales and minima per 32 in blocks of 256. */
    Q5_K(Formats.Q5_K),
    /** GGUF: 6-bit codes, 8-bit scales per 16 in blocks of 256. */
    Q6_K(Formats.Q6_K),
    /** GGUF: 4-bit codes of a table of 16 values, binary16 scale per 32. */
    IQ4_NL(Formats.IQ4_NL),
    /** GGUF: 4-bit codes of the same table, 6-bit scales per 32 in blocks of 256. */
    IQ4_XS(Formats.IQ4_XS),
    /** OCP MXFP4 in GGUF's layout: 4-bit floats (2 exponent bits, 1 fraction bit), power-of-two scale per 32. */
    MXFP4(Formats.MXFP4);

    private final int blockElements;
    private final int blockBytes;
    private final BlockCodec codec;

    DType(int bytes) {
        this(1, bytes, null);
    }

    DType(BlockCodec codec) {
        this(codec.blockElements(), codec.blockBytes(), codec);
    }

    DType(int blockElements, int blockBytes, BlockCodec codec) {
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.codec = codec;
    }

    /**
     * Bytes of one element of a plain type.
     *
     * @throws IllegalStateException for a block format, whose elements have no bytes of their own
     */
    public int bytes() {
        if (blockElements != 1) {
            throw new IllegalStateException(
                    label() + " packs " + blockElements + " elements into " + blockBytes + " bytes; use bytesFor");
        }
        return blockBytes;
    }

    /** Consecutive elements of a row that are stored together; 1 for plain types. */
    public int blockElements() {
        return blockElements;
    }

    /** Bytes of one block; of one element for plain types. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Whether several elements share a block. */
    public boolean isBlockFormat() {
        return blockElements > 1;
    }

    /**
     * Bytes of so many elements.
     *
     * @param elements a multiple of {@link #blockElements()}, not negative
     * @throws IllegalArgumentException if it is no such multiple
     * @throws ArithmeticException if the size exceeds a 64-bit integer
     */
    public long bytesFor(long elements) {
        if (elements < 0 || elements % blockElements != 0) {
            throw new IllegalArgumentException(
                    elements + " elements of " + label() + ", expected a multiple of " + blockElements);
        }
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }

    /**
     * Decodes and encodes this format's blocks.
     *
     * @throws IllegalStateException for F64 and the integer types, which {@link TensorDecoder} reads as they are
     */
    public BlockCodec codec() {
        if (codec == null) {
            throw new IllegalStateException(label() + " has no codec; use TensorDecoder");
        }
        return codec;
    }

    /** The name as it stands in files and messages, such as {@code "BF16"} or {@code "Q4_K"}. */
    public String label() {
        return name();
    }

    /** Whether elements are real numbers (plain floats and block formats), so that they may be NaN or infinite. */
    public boolean isFloat() {
        return switch (this) {
            case I64, I32, I16, I8, U8, BOOL, U16, U32, U64 -> false;
            default -> true;
        };
    }

    /** The plain type with this safetensors label, or empty when there is none; labels are upper case. */
    public static Optional<DType> fromLabel(String label) {
        return Arrays.stream(values())
                .filter(type -> !type.isBlockFormat() && type.label().equals(label))
                .findFirst();
    }

    /** The labels of all plain types, comma-separated, for messages. */
    static String supported() {
        return Arrays.stream(values())
                .filter(type -> !type.isBlockFormat())
                .map(DType::label)
                .collect(Collectors.joining(", "));
    }
}
