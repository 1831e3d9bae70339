package tilewright.model.format;

/** The codecs of all formats. */
public final class Formats {
    /** IEEE 754 binary32. */
    public static final BlockCodec F32 = new Float32();
    /** IEEE 754 binary16. */
    public static final BlockCodec F16 = new Float16();
    /** bfloat16. */
    public static final BlockCodec BF16 = new BrainFloat16();
    /** OCP 8-bit float with 4 exponent bits. */
    public static final BlockCodec F8_E4M3 = new Float8(4);
    /** OCP 8-bit float with 5 exponent bits. */
    public static final BlockCodec F8_E5M2 = new Float8(5);
    /** OCP 8-bit power of two. */
    public static final BlockCodec F8_E8M0 = new PowerOfTwo();

    private Formats() {}
}
