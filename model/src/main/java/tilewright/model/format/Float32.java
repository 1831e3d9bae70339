package tilewright.model.format;

/** F32: IEEE 754 binary32 as it is. */
final class Float32 extends ArrayCodec {
    Float32() {
        super(1, Float.BYTES);
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] values, int at) {
        values[at] = Float.intBitsToFloat(bits16(block, p) & 0xffff | bits16(block, p + 2) << 16);
    }

    @Override
    void encodeBlock(float[] values, int at, byte[] block, int p) {
        int bits = Float.floatToRawIntBits(values[at]);
        putBits16(block, p, bits);
        putBits16(block, p + 2, bits >>> 16);
    }

    @Override
    double maxError(byte[] block) {
        return 0;
    }
}
