/* Scales and minima of packed weights, from the headers of their panels; see PanelScales.java and NestedScales.java. */
/* The scale of every group or half group of a panel, a vector each, `stride` floats apart; likewise the minima. */
INLINE void expand(
        int layout, const Format f, const uint8_t *at, int64_t blocks, int64_t stride, float *scales, float *minima) {
    const VI byte = SET_I(0xFF);
    for (int64_t b = 0; b < blocks; b++, at += f.header * WORD) {
        VI h = LOAD_I(at);
        if (f.block == 64) {
            VF low = layout == MXFP4 ? AS_FLOAT(LEFT(h, 16)) : HALVES(h);
            VF high = layout == MXFP4 ? AS_FLOAT(AND(h, SET_I((int)0xFFFF0000))) : HALVES(RIGHT(h, 16));
            STORE_F(scales + (2 * b) * stride, low);
            STORE_F(scales + (2 * b + 1) * stride, high);
            if (f.minima == HALF_MINIMA) {
                VI m = LOAD_I(at + WORD);
                STORE_F(minima + (2 * b) * stride, HALVES(m));
                STORE_F(minima + (2 * b + 1) * stride, HALVES(RIGHT(m, 16)));
            }
            continue;
        }
        VF d = HALVES(h);
        VF m = MUL(HALVES(RIGHT(h, 16)), SET_F(-1));
        const int words = f.small ? 4 : 2;
        for (int v = 0; v < words; v++) {
            VI s = LOAD_I(at + (1 + v) * WORD);
            float *to = scales + (words * b + v) * 4 * stride;
            float *minimum = minima + (words * b + v) * 5 * stride;
            if (f.minima != WORD_MINIMA) {
                STORE_F(to, MUL(TO_FLOAT(RIGHT_SIGNED(LEFT(s, 24), 24)), d));
                STORE_F(to + stride, MUL(TO_FLOAT(RIGHT_SIGNED(LEFT(s, 16), 24)), d));
                STORE_F(to + 2 * stride, MUL(TO_FLOAT(RIGHT_SIGNED(LEFT(s, 8), 24)), d));
                STORE_F(to + 3 * stride, MUL(TO_FLOAT(RIGHT_SIGNED(s, 24)), d));
                continue;
            }
            VI t;
            if (layout == Q2_K) {
                t = AND(RIGHT(s, 4), SET_I(0x0F0F0F0F));
                s = AND(s, SET_I(0x0F0F0F0F));
            } else {
                t = LOAD_I(at + (3 + v) * WORD);
            }
            STORE_F(to, MUL(TO_FLOAT(AND(s, byte)), d));
            STORE_F(to + stride, MUL(TO_FLOAT(AND(RIGHT(s, 8), byte)), d));
            STORE_F(to + 2 * stride, MUL(TO_FLOAT(AND(RIGHT(s, 16), byte)), d));
            STORE_F(to + 3 * stride, MUL(TO_FLOAT(RIGHT(s, 24)), d));
            STORE_F(minimum, TO_FLOAT(AND(t, byte)));
            STORE_F(minimum + stride, TO_FLOAT(AND(RIGHT(t, 8), byte)));
            STORE_F(minimum + 2 * stride, TO_FLOAT(AND(RIGHT(t, 16), byte)));
            STORE_F(minimum + 3 * stride, TO_FLOAT(RIGHT(t, 24)));
            STORE_F(minimum + 4 * stride, m);
        }
    }
}

/* Likewise for nested codes, whose scales are for codes of 8 bits: a minimum for every block. */
INLINE void expand_nested(
        float unit, float middle, const uint8_t *at, int64_t blocks, int64_t stride, float *scales, float *minima) {
    const VI byte = SET_I(0xFF);
    /* The exponent of 2^4, so that a scale byte of 0 stands for 16. */
    const VI exponent = SET_I((127 + 4) << 23);
    for (int64_t b = 0; b < blocks; b++) {
        VI h = LOAD_I(at + (b >> 1) * WORD);
        if (b & 1) {
            h = RIGHT(h, 16);
        }
        VF scale = MUL(AS_FLOAT(ADD(LEFT(AND(h, byte), 19), exponent)), SET_F(unit));
        VF zero = TO_FLOAT(AND(RIGHT(h, 8), byte));
        STORE_F(scales + (2 * b) * stride, scale);
        STORE_F(scales + (2 * b + 1) * stride, scale);
        STORE_F(minima + b * stride, MUL(scale, FMA(zero, SET_F(-1), SET_F(128 + middle))));
    }
}
