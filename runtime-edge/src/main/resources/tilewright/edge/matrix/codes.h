/* Codes of packed weights, a byte each; see PanelLayout.java and NestedCodes.java. */

/* The codes of a group from two ranges, as the highest of 8 bits. */
INLINE void unpack_nested(const Format f, const uint8_t *at, const uint8_t *rest, VI w[8]) {
    if (f.base == 2 && f.residual == 2) {
#define CODES(j)                                                                    \
        {                                                                           \
            VI p = FLIP(LOAD_I(at + (j) * WORD), 0xAA), q = LOAD_I(rest + (j) * WORD); \
            VI a = merge(bits(p, 2, 0xCC), q, 0, 0x33);                             \
            VI b = merge(bits(p, 0, 0xCC), q, -2, 0x33);                            \
            w[4 * (j)] = bits(a, 4, 0xF0);                                          \
            w[4 * (j) + 1] = bits(b, 4, 0xF0);                                      \
            w[4 * (j) + 2] = bits(a, 0, 0xF0);                                      \
            w[4 * (j) + 3] = bits(b, 0, 0xF0);                                      \
        }
        CODES(0) CODES(1)
#undef CODES
        return;
    }
    if (f.base == 2) {
#define CODES(j)                                        \
        {                                               \
            VI p = FLIP(LOAD_I(at + (j) * WORD), 0xAA); \
            w[4 * (j)] = bits(p, 6, 0xC0);              \
            w[4 * (j) + 1] = bits(p, 4, 0xC0);          \
            w[4 * (j) + 2] = bits(p, 2, 0xC0);          \
            w[4 * (j) + 3] = bits(p, 0, 0xC0);          \
        }
        CODES(0) CODES(1)
#undef CODES
        if (f.residual == 1) {
            VI q = LOAD_I(rest);
#define BIT(j) w[j] = merge(w[j], q, 5 - (j), 0x20);
            BIT(0) BIT(1) BIT(2) BIT(3) BIT(4) BIT(5) BIT(6) BIT(7)
#undef BIT
        }
        return;
    }
#define CODES(j)                                    \
    {                                               \
        VI p = FLIP(LOAD_I(at + (j) * WORD), 0x88); \
        w[2 * (j)] = bits(p, 4, 0xF0);              \
        w[2 * (j) + 1] = bits(p, 0, 0xF0);          \
    }
    CODES(0) CODES(1) CODES(2) CODES(3)
#undef CODES
    if (f.residual == 1) {
        VI q = LOAD_I(rest);
#define BIT(j) w[j] = merge(w[j], q, 3 - (j), 0x08);
        BIT(0) BIT(1) BIT(2) BIT(3) BIT(4) BIT(5) BIT(6) BIT(7)
#undef BIT
    }
    if (f.residual == 2) {
#define BITS(j)                                                  \
        {                                                        \
            VI q = LOAD_I(rest + (j) * WORD);                    \
            w[4 * (j)] = merge(w[4 * (j)], q, 2, 0x0C);          \
            w[4 * (j) + 1] = merge(w[4 * (j) + 1], q, 0, 0x0C);  \
            w[4 * (j) + 2] = merge(w[4 * (j) + 2], q, -2, 0x0C); \
            w[4 * (j) + 3] = merge(w[4 * (j) + 3], q, -4, 0x0C); \
        }
        BITS(0) BITS(1)
#undef BITS
    }
    if (f.residual == 4) {
#define BITS(j)                                                  \
        {                                                        \
            VI q = LOAD_I(rest + (j) * WORD);                    \
            w[2 * (j)] = merge(w[2 * (j)], q, 0, 0x0F);          \
            w[2 * (j) + 1] = merge(w[2 * (j) + 1], q, -4, 0x0F); \
        }
        BITS(0) BITS(1) BITS(2) BITS(3)
#undef BITS
    }
}

/* The codes of a group, those of four elements in each lane of w[0] to w[7]. */
INLINE void unpack(const Format f, VI table, const uint8_t *at, VI w[8]) {
    if (f.bits == 8) {
#define CODE(j) w[j] = FLIP(LOAD_I(at + (j) * WORD), 0x80);
        CODE(0) CODE(1) CODE(2) CODE(3) CODE(4) CODE(5) CODE(6) CODE(7)
#undef CODE
        return;
    }
    if (f.bits >= 4) {
#define CODES(j) { VI p = LOAD_I(at + (j) * WORD); w[2 * (j)] = bits(p, 0, 0x0F); w[2 * (j) + 1] = bits(p, -4, 0x0F); }
        CODES(0) CODES(1) CODES(2) CODES(3)
#undef CODES
        if (f.table) {
#define CODE(j) w[j] = SHUFFLE(table, w[j]);
            CODE(0) CODE(1) CODE(2) CODE(3) CODE(4) CODE(5) CODE(6) CODE(7)
#undef CODE
        }
    }
    if (f.bits == 5) {
        VI p = LOAD_I(at + 4 * WORD);
#define BIT(j) w[j] = merge(w[j], p, 4 - (j), 0x10);
        BIT(0) BIT(1) BIT(2) BIT(3) BIT(4) BIT(5) BIT(6) BIT(7)
#undef BIT
    }
    if (f.bits == 6) {
#define BITS(j)                                                 \
        {                                                       \
            VI p = LOAD_I(at + (4 + (j)) * WORD);               \
            w[4 * (j)] = merge(w[4 * (j)], p, 4, 0x30);         \
            w[4 * (j) + 1] = merge(w[4 * (j) + 1], p, 2, 0x30); \
            w[4 * (j) + 2] = merge(w[4 * (j) + 2], p, 0, 0x30); \
            w[4 * (j) + 3] = merge(w[4 * (j) + 3], p, -2, 0x30); \
        }
        BITS(0) BITS(1)
#undef BITS
    }
    if (f.bits <= 3) {
#define CODES(j)                              \
        {                                     \
            VI p = LOAD_I(at + (j) * WORD);   \
            w[4 * (j)] = bits(p, 0, 0x03);    \
            w[4 * (j) + 1] = bits(p, -2, 0x03); \
            w[4 * (j) + 2] = bits(p, -4, 0x03); \
            w[4 * (j) + 3] = bits(p, -6, 0x03); \
        }
        CODES(0) CODES(1)
#undef CODES
    }
    if (f.bits == 3) {
        VI p = LOAD_I(at + 2 * WORD);
#define BIT(j) w[j] = merge(w[j], p, 2 - (j), 0x04);
        BIT(0) BIT(1) BIT(2) BIT(3) BIT(4) BIT(5) BIT(6) BIT(7)
#undef BIT
    }
}
