/*
 * Brings stored rows into the order of PanelLayout.java, as PanelPacker.java and BlockPacker.java do, to the byte.
 *
 * Written with the compiler's own vectors, for any little-endian processor: a vector is one word each of four rows (of 16
 * with 512 bits), made by turning 16 bytes of each. Where a panel takes several such sets of rows, a piece of each comes in
 * turn, so that the panel's lines are still in the cache when their last part is written.
 */
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define WORD 64

/* In the order of PanelLayout's constants. */
enum { F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, IQ4_NL, MXFP4, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_XS };

#if defined(__AVX512F__)

#include <immintrin.h>
#define LANES 16
typedef uint32_t V __attribute__((vector_size(64)));
#define EACH(f) {f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11), f(12), f(13), f(14), f(15)}

#else

#define LANES 4
typedef uint32_t V __attribute__((vector_size(16)));
#define EACH(f) {f(0), f(1), f(2), f(3)}

#if defined(__clang__) || __GNUC__ >= 12
#define PICK(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
#define PICK(a, b, i, j, k, l) __builtin_shuffle(a, b, (V){i, j, k, l})
#endif

#endif

/* Some rows, and what was seen of their binary16 numbers: bit 15 is set when one was not finite. */
typedef struct {
    const uint8_t *row[LANES];
    V seen;
} Rows;

INLINE void store(uint8_t *to, V v) {
    memcpy(to, &v, sizeof v);
}

INLINE V load(const uint8_t *at) {
    V v;
    memcpy(&v, at, sizeof v);
    return v;
}

INLINE V all(uint32_t x) {
#define X(i) x
    return (V)EACH(X);
#undef X
}

/* Words 0 to 3 at a place of each row. */
INLINE void words4(const Rows *q, int64_t at, V w[4]) {
#if LANES == 16
#define LOAD(i) _mm_loadu_si128((const __m128i *)(q->row[i] + at))
#define FOUR(i)                                                                                       \
    _mm512_inserti32x4(                                                                               \
            _mm512_inserti32x4(                                                                       \
                    _mm512_inserti32x4(_mm512_castsi128_si512(LOAD(i)), LOAD(i + 4), 1), LOAD(i + 8), 2), \
            LOAD(i + 12), 3)
    __m512i a = FOUR(0), b = FOUR(1), c = FOUR(2), d = FOUR(3);
    __m512i ab = _mm512_unpacklo_epi32(a, b), cd = _mm512_unpacklo_epi32(c, d);
    w[0] = (V)_mm512_unpacklo_epi64(ab, cd);
    w[1] = (V)_mm512_unpackhi_epi64(ab, cd);
    ab = _mm512_unpackhi_epi32(a, b);
    cd = _mm512_unpackhi_epi32(c, d);
    w[2] = (V)_mm512_unpacklo_epi64(ab, cd);
    w[3] = (V)_mm512_unpackhi_epi64(ab, cd);
#undef LOAD
#undef FOUR
#else
    V a = load(q->row[0] + at), b = load(q->row[1] + at), c = load(q->row[2] + at), d = load(q->row[3] + at);
    V ab = PICK(a, b, 0, 4, 1, 5), cd = PICK(c, d, 0, 4, 1, 5);
    w[0] = PICK(ab, cd, 0, 1, 4, 5);
    w[1] = PICK(ab, cd, 2, 3, 6, 7);
    ab = PICK(a, b, 2, 6, 3, 7);
    cd = PICK(c, d, 2, 6, 3, 7);
    w[2] = PICK(ab, cd, 0, 1, 4, 5);
    w[3] = PICK(ab, cd, 2, 3, 6, 7);
#endif
}

INLINE uint32_t word_of(const uint8_t *at) {
    uint32_t w;
    memcpy(&w, at, sizeof w);
    return w;
}

INLINE uint32_t half_of(const uint8_t *at) {
    uint16_t w;
    memcpy(&w, at, sizeof w);
    return w;
}

INLINE V word(const Rows *q, int64_t at) {
#define X(i) word_of(q->row[i] + at)
    return (V)EACH(X);
#undef X
}

INLINE V half(const Rows *q, int64_t at) {
#define X(i) half_of(q->row[i] + at)
    return (V)EACH(X);
#undef X
}

/* Binary16 numbers in the low halves. */
INLINE void see(Rows *q, V halves) {
    q->seen |= (halves & all(0x7C00)) + all(0x0400);
}

INLINE V scale(Rows *q, int64_t at) {
    V d = half(q, at);
    see(q, d);
    return d;
}

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

/* Words `begin` to `end` - 1 of plain elements. */
INLINE void plain(const int layout, Rows *q, int64_t begin, int64_t end, int64_t width, uint8_t *codes) {
    const int64_t whole = layout == F32 ? width : width / 2;
    const int64_t last = end < whole ? end : whole;
    for (int64_t v = begin; v < last; v += 4) {
        V w[4];
        int64_t here = last - v < 4 ? last - v : 4;
        if (here == 4) {
            words4(q, 4 * v, w);
        } else {
            for (int64_t i = 0; i < here; i++) {
                w[i] = word(q, 4 * (v + i));
            }
        }
        for (int64_t i = 0; i < here; i++) {
            if (layout == F16) {
                see(q, w[i]);
                see(q, w[i] >> 16);
            }
            store(codes + (v + i) * WORD, w[i]);
        }
    }
    if (end > whole) {
        V one = half(q, 2 * (width - 1));
        if (layout == F16) {
            see(q, one);
        }
        store(codes + whole * WORD, one);
    }
}

/* What a layout is to the packer; constants at compile time once inlined. */
typedef struct {
    int stored;     /* elements of a stored block */
    int bytes;      /* of a stored block */
    int block;      /* elements of a packed block */
    int header;     /* words of a packed block's header */
    int words;      /* of a packed block's codes */
} Shape;

static const Shape SHAPES[] = {
    [F32] = {1, 4, 1, 0, 1},
    [F16] = {1, 2, 2, 0, 1},
    [BF16] = {1, 2, 2, 0, 1},
    [Q8_0] = {32, 34, 64, 1, 16},
    [Q4_0] = {32, 18, 64, 1, 8},
    [Q4_1] = {32, 20, 64, 2, 8},
    [Q5_0] = {32, 22, 64, 1, 10},
    [Q5_1] = {32, 24, 64, 2, 10},
    [IQ4_NL] = {32, 18, 64, 1, 8},
    [MXFP4] = {32, 17, 64, 1, 8},
    [Q2_K] = {256, 84, 256, 5, 16},
    [Q3_K] = {256, 110, 256, 5, 24},
    [Q4_K] = {256, 144, 256, 5, 32},
    [Q5_K] = {256, 176, 256, 5, 40},
    [Q6_K] = {256, 210, 256, 5, 48},
    [IQ4_XS] = {256, 136, 256, 3, 32},
};

/* The header of a packed block that is made of two stored ones: lanes one by one, as each has two bytes only. */
INLINE void small_header(const int layout, const Shape s, const Rows *q, int64_t first, int64_t stored, uint8_t *header) {
    for (int i = 0; i < LANES; i++) {
        const uint8_t *at = q->row[i] + first * s.bytes;
        uint32_t d = small_scale(layout, at);
        uint32_t m = s.header > 1 ? half_of(at + 2) : 0;
        if (first + 1 < stored) {
            d |= small_scale(layout, at + s.bytes) << 16;
            m |= s.header > 1 ? half_of(at + s.bytes + 2) << 16 : 0;
        }
        memcpy(header + 4 * i, &d, sizeof d);
        if (s.header > 1) {
            memcpy(header + WORD + 4 * i, &m, sizeof m);
        }
    }
}

INLINE void small_blocks(
        const int layout, const Shape s, Rows *q, int64_t begin, int64_t end, int64_t stored, uint8_t *header, uint8_t *codes) {
    const int words = s.words / 2;
    for (int64_t b = begin; b < end; b++) {
        small_header(layout, s, q, 2 * b, stored, header + b * s.header * WORD);
    }
    for (int64_t block = 2 * begin; block < 2 * end; block++) {
        uint8_t *to = codes + block * words * WORD;
        if (block < stored) {
            small_block(layout, q, block * s.bytes, to);
        } else {
            for (int v = 0; v < words; v++) {
                store(to + v * WORD, all(0));
            }
        }
    }
    if (layout != MXFP4) {
        for (int64_t w = begin * s.header; w < end * s.header; w++) {
            V both = load(header + w * WORD);
            see(q, both);
            see(q, both >> 16);
        }
    }
}

/* Elements of a row that are packed before the next rows' turn. */
#define PIECE 1024

INLINE int pack(const int layout, const uint8_t *from, int64_t stride, int64_t rows, int64_t width, uint8_t *to) {
    const Shape s = SHAPES[layout];
    const int64_t blocks = (width + s.block - 1) / s.block;
    const int64_t stored = width / s.stored;
    const int64_t header_bytes = blocks * s.header * WORD;
    const int64_t panel_bytes = header_bytes + blocks * s.words * WORD;
    V seen = all(0);
    for (int64_t first = 0; first < rows; first += 16, to += panel_bytes) {
        const int64_t lanes = rows - first < 16 ? rows - first : 16;
        Rows sets[16 / LANES];
        for (int i = 0; i < 16; i++) {
            /* Rows that are missing are another one's for now. */
            sets[i / LANES].row[i % LANES] = from + (first + (i < lanes ? i : lanes - 1)) * stride;
            sets[i / LANES].seen = all(0);
        }
        for (int64_t begin = 0; begin < blocks; begin += PIECE / s.block) {
            int64_t end = begin + PIECE / s.block < blocks ? begin + PIECE / s.block : blocks;
            for (int i = 0; i < 16 / LANES; i++) {
                uint8_t *header = to + 4 * LANES * i;
                uint8_t *codes = header + header_bytes;
                Rows q = sets[i];
                if (s.block < 64) {
                    plain(layout, &q, begin, end, width, codes);
                } else if (s.block == 64) {
                    small_blocks(layout, s, &q, begin, end, stored, header, codes);
                } else {
                    for (int64_t b = begin; b < end; b++) {
                        super_block(layout, &q, b * s.bytes, header + b * s.header * WORD, codes + b * s.words * WORD);
                    }
                }
                seen |= q.seen;
            }
        }
        if (lanes < 16) {
            for (int64_t w = 0; w < panel_bytes; w += WORD) {
                memset(to + w + 4 * lanes, 0, WORD - 4 * lanes);
            }
        }
    }
    uint32_t any = 0;
    for (int i = 0; i < LANES; i++) {
        any |= seen[i];
    }
    return (any & 0x8000) == 0;
}

#define PACKER(layout)                                                                                              \
    static int pack_##layout(const uint8_t *from, int64_t stride, int64_t rows, int64_t width, uint8_t *to) {       \
        return pack(layout, from, stride, rows, width, to);                                                         \
    }

PACKER(F32)
PACKER(F16)
PACKER(BF16)
PACKER(Q8_0)
PACKER(Q4_0)
PACKER(Q4_1)
PACKER(Q5_0)
PACKER(Q5_1)
PACKER(IQ4_NL)
PACKER(MXFP4)
PACKER(Q2_K)
PACKER(Q3_K)
PACKER(Q4_K)
PACKER(Q5_K)
PACKER(Q6_K)
PACKER(IQ4_XS)

/*
 * Packs rows that are `stride` bytes apart into panels, the last of which is filled up with zeros. 1, or 0 when a scale (of
 * F16 an element) is infinite or not a number, and -1 for a layout that is not known here.
 */
int tilewright_pack(int layout, const uint8_t *from, int64_t stride, int64_t rows, int64_t width, uint8_t *to) {
    switch (layout) {
#define CASE(layout) case layout: return pack_##layout(from, stride, rows, width, to);
        CASE(F32) CASE(F16) CASE(BF16) CASE(Q8_0) CASE(Q4_0) CASE(Q4_1) CASE(Q5_0) CASE(Q5_1) CASE(IQ4_NL) CASE(MXFP4)
        CASE(Q2_K) CASE(Q3_K) CASE(Q4_K) CASE(Q5_K) CASE(Q6_K) CASE(IQ4_XS)
        default: return -1;
    }
}
