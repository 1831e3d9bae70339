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
    /** GGUF Q4_0. */
    public static final BlockCodec Q4_0 = new SmallBlock(4, false);
    /** GGUF Q4_1. */
    public static final BlockCodec Q4_1 = new SmallBlock(4, true);
    /** GGUF Q5_0. */
    public static final BlockCodec Q5_0 = new SmallBlock(5, false);
    /** GGUF Q5_1. */
    public static final BlockCodec Q5_1 = new SmallBlock(5, true);
    /** GGUF Q8_0. */
    public static final BlockCodec Q8_0 = new Q80();
    /** GGUF Q2_K. */
    public static final BlockCodec Q2_K = new Q2K();
    /** GGUF Q3_K. */
    public static final BlockCodec Q3_K = new Q3K();
    /** GGUF Q4_K. */
    public static final BlockCodec Q4_K = new Q45K(4);
    /** GGUF Q5_K. */
    public static final BlockCodec Q5_K = new Q45K(5);
    /** GGUF Q6_K. */
    public static final BlockCodec Q6_K = new Q6K();
    /** GGUF IQ4_NL. */
    public static final BlockCodec IQ4_NL = new Iq4Nl();
    /** GGUF IQ4_XS. */
    public static final BlockCodec IQ4_XS = new Iq4Xs();
    /** OCP MXFP4 in GGUF layout. */
    public static final BlockCodec MXFP4 = new Mxfp4();

    private Formats() {}
}
