package tilewright.boards;

/** A number type whose multiply-accumulate rate a processor publishes. */
public enum NumberKind implements Labelled {
    /** 4-bit integers. */
    INT4("int4"),
    /** 8-bit integers. */
    INT8("int8"),
    /** 16-bit integers. */
    INT16("int16"),
    /** 8-bit floating point. */
    FP8("fp8"),
    /** IEEE half precision. */
    FP16("fp16"),
    /** bfloat16. */
    BF16("bf16"),
    /** IEEE single precision. */
    FP32("fp32"),
    /** IEEE double precision. */
    FP64("fp64");

    private final String label;

    NumberKind(String label) {
        this.label = label;
    }

    /** The name as written in a board file. */
    @Override
    public String label() {
        return label;
    }

    @Override
    public String toString() {
        return label;
    }
}
