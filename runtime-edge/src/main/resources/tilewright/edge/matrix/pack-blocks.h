/* Headers and codes of stored blocks of several rows; see PanelLayout.java and BlockPacker.java. */

/* 2^(exponent - 128) as bfloat16. */
INLINE uint32_t power_of_two(uint32_t exponent) {
    return (exponent < 2 ? 0x00200000u << exponent : (exponent - 1) << 23) >> 16;
}

/* 16 bytes whose low halves are elements 0 to 15 and whose high halves are elements 16 to 31. */
INLINE void halves_apart(const Rows *q, int64_t at, uint8_t *to) {
    const V low = all(0x0F0F0F0F);
    V w[4];
    words4(q, at, w);
    for (int v = 0; v < 2; v++) {
        V even = w[2 * v], odd = w[2 * v + 1];
        store(to + v * WORD, (even & low) | (odd & low) << 4);
        store(to + (v + 2) * WORD, (even >> 4 & low) | (odd & ~low));
    }
}

/* 32 bytes whose low halves are one group and whose high halves are another. */
INLINE void halves_together(const Rows *q, int64_t at, uint8_t *to_low, uint8_t *to_high) {
    const V low = all(0x0F0F0F0F);
    for (int i = 0; i < 2; i++) {
        V w[4];
        words4(q, at + 16 * i, w);
        for (int v = 0; v < 2; v++) {
            V even = w[2 * v], odd = w[2 * v + 1];
            store(to_low + (2 * i + v) * WORD, (even & low) | (odd & low) << 4);
            store(to_high + (2 * i + v) * WORD, (even >> 4 & low) | (odd & ~low));
        }
    }
}

/* 32 bytes of which two bits each belong to one of four groups, `step` bytes apart. */
INLINE void two_bits(const Rows *q, int64_t at, uint8_t *to, int64_t step) {
    const V two = all(0x03030303);
    for (int v = 0; v < 2; v++) {
        V w[4];
        words4(q, at + 16 * v, w);
        for (int group = 0; group < 4; group++) {
            int n = 2 * group;
            V packed = (w[0] >> n & two) | (w[1] >> n & two) << 2 | (w[2] >> n & two) << 4 | (w[3] >> n & two) << 6;
            store(to + group * step + v * WORD, packed);
        }
    }
}

/* 32 bytes of which one bit each belongs to one of eight groups, `step` bytes apart. */
INLINE void one_bit(const Rows *q, int64_t at, uint8_t *to, int64_t step) {
    const V one = all(0x01010101);
    V w[8];
    words4(q, at, w);
    words4(q, at + 16, w + 4);
    for (int group = 0; group < 8; group++) {
        V packed = w[0] >> group & one;
        for (int j = 1; j < 8; j++) {
            packed |= (w[j] >> group & one) << j;
        }
        store(to + group * step, packed);
    }
}

/* Bit e for element e becomes bit e / 4 of byte e mod 4. */
INLINE V spread(V bits) {
    const V one = all(0x01010101);
    V word = all(0);
    for (int j = 0; j < 8; j++) {
        word |= ((bits >> 4 * j & all(0xF)) * 0x00204081u & one) << j;
    }
    return word;
}

/* The codes of a stored block of 32 elements. */
INLINE void small_block(const int layout, const Rows *q, int64_t at, uint8_t *codes) {
    switch (layout) {
        case Q8_0: {
            V w[8];
            words4(q, at + 2, w);
            words4(q, at + 18, w + 4);
            for (int v = 0; v < 8; v++) {
                store(codes + v * WORD, w[v] ^ all(0x80808080));
            }
            break;
        }
        case Q4_0:
        case IQ4_NL:
            halves_apart(q, at + 2, codes);
            break;
        case Q4_1:
            halves_apart(q, at + 4, codes);
            break;
        case Q5_0:
            halves_apart(q, at + 6, codes);
            store(codes + 4 * WORD, spread(word(q, at + 2)));
            break;
        case Q5_1:
            halves_apart(q, at + 8, codes);
            store(codes + 4 * WORD, spread(word(q, at + 4)));
            break;
        case MXFP4:
            halves_apart(q, at + 1, codes);
            break;
    }
}

/* The scale of a stored block of 32 elements of one row. */
INLINE uint32_t small_scale(const int layout, const uint8_t *at) {
    return layout == MXFP4 ? power_of_two(*at) : half_of(at);
}

/* The 12 bytes of 16 6-bit scales of Q3_K, which are stored plus 32. */
INLINE void six_bit_scales(const Rows *q, int64_t at, uint8_t *to) {
    const V low = all(0x0F0F0F0F), two = all(0x03030303);
    V first = word(q, at), second = word(q, at + 4), high = word(q, at + 8);
    V s[4] = {
        (first & low) | (high & two) << 4,
        (second & low) | (high >> 2 & two) << 4,
        (first >> 4 & low) | (high >> 4 & two) << 4,
        (second >> 4 & low) | (high >> 6 & two) << 4,
    };
    for (int v = 0; v < 4; v++) {
        V negative = ~s[v] & all(0x20202020);
        store(to + v * WORD, (s[v] & all(0x1F1F1F1F)) | negative | negative << 1 | negative << 2);
    }
}

/* The first 16 bytes of Q4_K and Q5_K: scale, minimum, and eight 6-bit scales and minima. */
INLINE void scales_and_minima(Rows *q, int64_t at, uint8_t *to) {
    const V low = all(0x0F0F0F0F);
    V w[4];
    words4(q, at, w);
    see(q, w[0]);
    see(q, w[0] >> 16);
    store(to, w[0]);
    store(to + WORD, w[1] & all(0x3F3F3F3F));
    store(to + 2 * WORD, (w[3] & low) | (w[1] >> 2 & all(0x30303030)));
    store(to + 3 * WORD, w[2] & all(0x3F3F3F3F));
    store(to + 4 * WORD, (w[3] >> 4 & low) | (w[2] >> 2 & all(0x30303030)));
}

/* A stored block of 256 elements. */
INLINE void super_block(const int layout, Rows *q, int64_t at, uint8_t *header, uint8_t *codes) {
    switch (layout) {
        case Q4_K:
            scales_and_minima(q, at, header);
            for (int pair = 0; pair < 4; pair++) {
                halves_together(q, at + 16 + 32 * pair, codes + 2 * pair * 4 * WORD, codes + (2 * pair + 1) * 4 * WORD);
            }
            break;
        case Q5_K:
            scales_and_minima(q, at, header);
            for (int pair = 0; pair < 4; pair++) {
                halves_together(q, at + 48 + 32 * pair, codes + 2 * pair * 5 * WORD, codes + (2 * pair + 1) * 5 * WORD);
            }
            one_bit(q, at + 16, codes + 4 * WORD, 5 * WORD);
            break;
        case Q6_K: {
            V s[4];
            store(header, scale(q, at + 208));
            words4(q, at + 192, s);
            for (int v = 0; v < 4; v++) {
                store(header + (1 + v) * WORD, s[v]);
            }
            for (int h = 0; h < 2; h++) {
                uint8_t *to = codes + h * 4 * 6 * WORD;
                halves_together(q, at + 64 * h, to, to + 2 * 6 * WORD);
                halves_together(q, at + 64 * h + 32, to + 6 * WORD, to + 3 * 6 * WORD);
                two_bits(q, at + 128 + 32 * h, to + 4 * WORD, 6 * WORD);
            }
            break;
        }
        case Q3_K:
            store(header, scale(q, at + 108));
            six_bit_scales(q, at + 96, header + WORD);
            two_bits(q, at + 32, codes, 3 * WORD);
            two_bits(q, at + 64, codes + 4 * 3 * WORD, 3 * WORD);
            one_bit(q, at, codes + 2 * WORD, 3 * WORD);
            break;
        case Q2_K: {
            V s[4];
            V d = scale(q, at + 80);
            store(header, d | scale(q, at + 82) << 16);
            words4(q, at, s);
            for (int v = 0; v < 4; v++) {
                store(header + (1 + v) * WORD, s[v]);
            }
            two_bits(q, at + 16, codes, 2 * WORD);
            two_bits(q, at + 48, codes + 4 * 2 * WORD, 2 * WORD);
            break;
        }
        case IQ4_XS: {
            V s[2] = {all(0), all(0)};
            V high = half(q, at + 2), low = word(q, at + 4);
            store(header, scale(q, at));
            for (int group = 0; group < 8; group++) {
                V six = (low >> 4 * group & all(0xF)) | (high >> 2 * group & all(3)) << 4;
                s[group >> 2] |= ((six - all(32)) & all(0xFF)) << 8 * (group & 3);
                halves_apart(q, at + 8 + 16 * group, codes + group * 4 * WORD);
            }
            store(header + WORD, s[0]);
            store(header + 2 * WORD, s[1]);
            break;
        }
    }
}
