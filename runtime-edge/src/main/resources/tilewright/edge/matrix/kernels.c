/*
 * Products of rows of 8-bit activations with packed weights, for x86-64.
 *
 * The byte order of the weights is documented in PanelLayout.java, that of the activations in ByteActivations.java. Dot
 * products of codes are integers, hence exact; the float operations on them come in the order of the Java kernels
 * (ByteDots.java, PanelScales.java), so that results are the same, whatever the number of rows and the vector length.
 * Compiled without contraction: every fused operation is written as one.
 */
#include <immintrin.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VNNI__)

#define LANES 16
#define COLUMNS 4
typedef __m512i VI;
typedef __m512 VF;
#define LOAD_I(p) _mm512_loadu_si512((const void *)(p))
#define STORE_I(p, v) _mm512_storeu_si512((void *)(p), v)
#define LOAD_F(p) _mm512_loadu_ps(p)
#define STORE_F(p, v) _mm512_storeu_ps(p, v)
#define SET_I(x) _mm512_set1_epi32(x)
#define SET_F(x) _mm512_set1_ps(x)
#define AND(a, b) _mm512_and_si512(a, b)
#define OR(a, b) _mm512_or_si512(a, b)
#define RIGHT(a, n) _mm512_srli_epi32(a, n)
#define RIGHT_SIGNED(a, n) _mm512_srai_epi32(a, n)
#define LEFT(a, n) _mm512_slli_epi32(a, n)
#define TO_FLOAT(a) _mm512_cvtepi32_ps(a)
#define AS_FLOAT(a) _mm512_castsi512_ps(a)
#define MUL(a, b) _mm512_mul_ps(a, b)
#define ADD(a, b) _mm512_add_epi32(a, b)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define SHUFFLE(table, i) _mm512_shuffle_epi8(table, i)
#define TABLE(p) _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(p)))
#define DOT(sum, codes, x) _mm512_dpbusd_epi32(sum, codes, x)
/* The low halves of the lanes, as binary16. */
#define HALVES(a) _mm512_cvtph_ps(_mm512_cvtepi32_epi16(a))

#elif defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)

#define LANES 8
#define COLUMNS 2
typedef __m256i VI;
typedef __m256 VF;
#define LOAD_I(p) _mm256_loadu_si256((const __m256i *)(p))
#define STORE_I(p, v) _mm256_storeu_si256((__m256i *)(p), v)
#define LOAD_F(p) _mm256_loadu_ps(p)
#define STORE_F(p, v) _mm256_storeu_ps(p, v)
#define SET_I(x) _mm256_set1_epi32(x)
#define SET_F(x) _mm256_set1_ps(x)
#define AND(a, b) _mm256_and_si256(a, b)
#define OR(a, b) _mm256_or_si256(a, b)
#define RIGHT(a, n) _mm256_srli_epi32(a, n)
#define RIGHT_SIGNED(a, n) _mm256_srai_epi32(a, n)
#define LEFT(a, n) _mm256_slli_epi32(a, n)
#define TO_FLOAT(a) _mm256_cvtepi32_ps(a)
#define AS_FLOAT(a) _mm256_castsi256_ps(a)
#define MUL(a, b) _mm256_mul_ps(a, b)
#define ADD(a, b) _mm256_add_epi32(a, b)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define SHUFFLE(table, i) _mm256_shuffle_epi8(table, i)
#define TABLE(p) _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(p)))
#if defined(__AVXVNNI__)
#define DOT(sum, codes, x) _mm256_dpbusd_avx_epi32(sum, codes, x)
#elif defined(__AVX512VNNI__) && defined(__AVX512VL__)
#define DOT(sum, codes, x) _mm256_dpbusd_epi32(sum, codes, x)
#else
/* The 16-bit sums of two products saturate, so the highest bit of the codes is multiplied by itself. */
INLINE VI DOT(VI sum, VI codes, VI x) {
    VI ones = _mm256_set1_epi16(1);
    VI low = _mm256_maddubs_epi16(AND(codes, _mm256_set1_epi8(0x7F)), x);
    VI high = _mm256_maddubs_epi16(AND(codes, _mm256_set1_epi8((char)0x80)), x);
    VI both = _mm256_add_epi32(_mm256_madd_epi16(low, ones), _mm256_madd_epi16(high, ones));
    return _mm256_add_epi32(sum, both);
}
#endif
INLINE VF HALVES(VI a) {
    VI low = AND(a, SET_I(0xFFFF));
    VI packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(low, low), 0x08);
    return _mm256_cvtph_ps(_mm256_castsi256_si128(packed));
}

#else
#error "the kernels need AVX2, FMA and F16C"
#endif

#define WORD 64
#define GROUP 32

/* In the order of PanelLayout's constants. */
enum { F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, IQ4_NL, MXFP4, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_XS };

/* How minima are stored: none; one for each group; four factors and what they share; one for two groups. */
enum { NO_MINIMA, HALF_MINIMA, WORD_MINIMA, BLOCK_MINIMA };

/* The table of the 4-bit codes, plus 128. */
static const uint8_t NON_LINEAR[16] = {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241};
static const uint8_t FLOAT4[16] = {128, 129, 130, 131, 132, 134, 136, 140, 128, 127, 126, 125, 124, 122, 120, 116};

/* What a format is to the kernels; constants at compile time once inlined. */
typedef struct {
    int bits;          /* of a code */
    int table;         /* whether codes stand for values of a table */
    int small;         /* whether 16 elements share a scale, and not 32 */
    int shift;         /* 2^shift is subtracted from every code as an integer; -1 for none */
    float offset;      /* subtracted from every code in float32 */
    int minima;
    int block;         /* elements */
    int header;        /* words of a block's header */
    int base;          /* of nested codes: bits in the base range, else 0 */
    int residual;      /* of nested codes: bits in the residual range */
} Format;

static const Format FORMATS[] = {
    [Q8_0] = {8, 0, 0, 7, 0, NO_MINIMA, 64, 1},
    [Q4_0] = {4, 0, 0, -1, 8, NO_MINIMA, 64, 1},
    [Q4_1] = {4, 0, 0, -1, 0, HALF_MINIMA, 64, 2},
    [Q5_0] = {5, 0, 0, 4, 0, NO_MINIMA, 64, 1},
    [Q5_1] = {5, 0, 0, 4, -16, HALF_MINIMA, 64, 2},
    [IQ4_NL] = {4, 1, 0, 7, 0, NO_MINIMA, 64, 1},
    [MXFP4] = {4, 1, 0, 7, 0, NO_MINIMA, 64, 1},
    [Q2_K] = {2, 0, 1, -1, 0, WORD_MINIMA, 256, 5},
    [Q3_K] = {3, 0, 1, 2, 0, NO_MINIMA, 256, 5},
    [Q4_K] = {4, 0, 0, -1, 0, WORD_MINIMA, 256, 5},
    [Q5_K] = {5, 0, 0, 4, -16, WORD_MINIMA, 256, 5},
    [Q6_K] = {6, 0, 1, 5, 0, NO_MINIMA, 256, 5},
    [IQ4_XS] = {4, 1, 0, 7, 0, NO_MINIMA, 256, 3},
};

/* The parts of a row of activations. */
typedef struct {
    const int8_t *codes;
    const float *steps;       /* for each 32 elements */
    const int32_t *sums16;    /* minus the sum of 16 codes */
    const int32_t *sums32;    /* minus the sum of 32 codes */
    const float *floats16;    /* the sum of 16 codes times the step */
    const float *floats32;    /* the sum of two of these */
} Row;

INLINE Row row_at(const uint8_t *x, int64_t stride, int64_t padded, int64_t r) {
    const uint8_t *at = x + r * stride;
    Row row;
    row.codes = (const int8_t *)at;
    row.steps = (const float *)(at + padded);
    row.sums32 = (const int32_t *)(at + padded + padded / 8);
    row.floats32 = (const float *)(at + padded + padded / 4);
    row.sums16 = (const int32_t *)(at + padded + padded / 8 * 3);
    row.floats16 = (const float *)(at + padded + padded / 8 * 5);
    return row;
}

/* Rounds one row of floats, padded with zeros to a multiple of 32 elements, to 8 bits. */
static void quantise_row(const float *values, uint8_t *to, int64_t padded) {
    int8_t *codes = (int8_t *)to;
    float *steps = (float *)(to + padded);
    int32_t *sums32 = (int32_t *)(to + padded + padded / 8);
    float *floats32 = (float *)(to + padded + padded / 4);
    int32_t *sums16 = (int32_t *)(to + padded + padded / 8 * 3);
    float *floats16 = (float *)(to + padded + padded / 8 * 5);
    const __m256 sign = _mm256_set1_ps(-0.0f);
    for (int64_t b = 0; b < padded / GROUP; b++) {
        __m256 v[4];
        __m256 largest = _mm256_setzero_ps();
        __m256 unordered = largest;
        for (int i = 0; i < 4; i++) {
            v[i] = _mm256_loadu_ps(values + b * GROUP + 8 * i);
            largest = _mm256_max_ps(largest, _mm256_andnot_ps(sign, v[i]));
            unordered = _mm256_or_ps(unordered, _mm256_cmp_ps(v[i], v[i], _CMP_UNORD_Q));
        }
        __m128 top = _mm_max_ps(_mm256_castps256_ps128(largest), _mm256_extractf128_ps(largest, 1));
        top = _mm_max_ps(top, _mm_movehl_ps(top, top));
        float magnitude = _mm_cvtss_f32(_mm_max_ss(top, _mm_shuffle_ps(top, top, 1)));
        if (_mm256_movemask_ps(unordered)) {
            magnitude = __builtin_nanf("");
        }
        float step = magnitude / 127;
        __m256 inverse = _mm256_set1_ps(magnitude == 0 ? 0 : 127 / magnitude);
        steps[b] = step;
        __m256i q[4];
        for (int i = 0; i < 4; i++) {
            __m256 scaled = _mm256_mul_ps(v[i], inverse);
            /* What is no number becomes 0, as a Java cast has it; the step says that it was none. */
            scaled = _mm256_and_ps(scaled, _mm256_cmp_ps(scaled, scaled, _CMP_ORD_Q));
            q[i] = _mm256_cvtps_epi32(scaled);
        }
        __m256i low = _mm256_permute4x64_epi64(_mm256_packs_epi32(q[0], q[1]), 0xD8);
        __m256i high = _mm256_permute4x64_epi64(_mm256_packs_epi32(q[2], q[3]), 0xD8);
        __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(low, high), 0xD8);
        _mm256_storeu_si256((__m256i *)(codes + b * GROUP), bytes);
        int32_t sum[2];
        for (int half = 0; half < 2; half++) {
            __m256i s = _mm256_add_epi32(q[2 * half], q[2 * half + 1]);
            __m128i t = _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
            t = _mm_add_epi32(t, _mm_shuffle_epi32(t, 0x4E));
            t = _mm_add_epi32(t, _mm_shuffle_epi32(t, 0xB1));
            sum[half] = _mm_cvtsi128_si32(t);
            sums16[2 * b + half] = -sum[half];
            floats16[2 * b + half] = (float)sum[half] * step;
        }
        sums32[b] = -(sum[0] + sum[1]);
        floats32[b] = floats16[2 * b] + floats16[2 * b + 1];
    }
}

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

/* The codes of a group from two ranges, as the highest of 8 bits; see PanelLayout.java and NestedCodes.java. */
INLINE void unpack_nested(const Format f, const uint8_t *at, const uint8_t *rest, VI w[8]) {
    const VI upper = SET_I((int)0xF0F0F0F0);
    if (f.base == 2 && f.residual == 2) {
        const VI odd = SET_I((int)0xCCCCCCCC);
        const VI even = SET_I(0x33333333);
#define CODES(j)                                                          \
        {                                                                 \
            VI p = LOAD_I(at + (j) * WORD), q = LOAD_I(rest + (j) * WORD); \
            VI a = OR(AND(LEFT(p, 2), odd), AND(q, even));                \
            VI b = OR(AND(p, odd), AND(RIGHT(q, 2), even));               \
            w[4 * (j)] = AND(LEFT(a, 4), upper);                          \
            w[4 * (j) + 1] = AND(LEFT(b, 4), upper);                      \
            w[4 * (j) + 2] = AND(a, upper);                               \
            w[4 * (j) + 3] = AND(b, upper);                               \
        }
        CODES(0) CODES(1)
#undef CODES
        return;
    }
    if (f.base == 2) {
        const VI pairs = SET_I((int)0xC0C0C0C0);
#define CODES(j)                                            \
        {                                                   \
            VI p = LOAD_I(at + (j) * WORD);                 \
            w[4 * (j)] = AND(LEFT(p, 6), pairs);            \
            w[4 * (j) + 1] = AND(LEFT(p, 4), pairs);        \
            w[4 * (j) + 2] = AND(LEFT(p, 2), pairs);        \
            w[4 * (j) + 3] = AND(p, pairs);                 \
        }
        CODES(0) CODES(1)
#undef CODES
        if (f.residual == 1) {
            VI q = LOAD_I(rest);
            const VI third = SET_I(0x20202020);
#define LOW(j) w[j] = OR(w[j], AND(LEFT(q, 5 - (j)), third))
#define HIGH(j) w[j] = OR(w[j], AND(RIGHT(q, (j) - 5), third))
            LOW(0); LOW(1); LOW(2); LOW(3); LOW(4); HIGH(5); HIGH(6); HIGH(7);
#undef LOW
#undef HIGH
        }
        return;
    }
#define CODES(j)                                 \
    {                                            \
        VI p = LOAD_I(at + (j) * WORD);          \
        w[2 * (j)] = AND(LEFT(p, 4), upper);     \
        w[2 * (j) + 1] = AND(p, upper);          \
    }
    CODES(0) CODES(1) CODES(2) CODES(3)
#undef CODES
    if (f.residual == 1) {
        VI q = LOAD_I(rest);
        const VI fifth = SET_I(0x08080808);
#define LOW(j) w[j] = OR(w[j], AND(LEFT(q, 3 - (j)), fifth))
#define HIGH(j) w[j] = OR(w[j], AND(RIGHT(q, (j) - 3), fifth))
        LOW(0); LOW(1); LOW(2); LOW(3); HIGH(4); HIGH(5); HIGH(6); HIGH(7);
#undef LOW
#undef HIGH
    }
    if (f.residual == 2) {
        const VI sixth = SET_I(0x0C0C0C0C);
#define BITS(j)                                                         \
        {                                                               \
            VI q = LOAD_I(rest + (j) * WORD);                           \
            w[4 * (j)] = OR(w[4 * (j)], AND(LEFT(q, 2), sixth));        \
            w[4 * (j) + 1] = OR(w[4 * (j) + 1], AND(q, sixth));         \
            w[4 * (j) + 2] = OR(w[4 * (j) + 2], AND(RIGHT(q, 2), sixth)); \
            w[4 * (j) + 3] = OR(w[4 * (j) + 3], AND(RIGHT(q, 4), sixth)); \
        }
        BITS(0) BITS(1)
#undef BITS
    }
    if (f.residual == 4) {
        const VI lower = SET_I(0x0F0F0F0F);
#define BITS(j)                                                         \
        {                                                               \
            VI q = LOAD_I(rest + (j) * WORD);                           \
            w[2 * (j)] = OR(w[2 * (j)], AND(q, lower));                 \
            w[2 * (j) + 1] = OR(w[2 * (j) + 1], AND(RIGHT(q, 4), lower)); \
        }
        BITS(0) BITS(1) BITS(2) BITS(3)
#undef BITS
    }
}

/* The codes of a group, those of four elements in each lane of w[0] to w[7]. */
INLINE void unpack(const Format f, VI table, const uint8_t *at, VI w[8]) {
    if (f.bits == 8) {
#define CODE(j) w[j] = LOAD_I(at + (j) * WORD)
        CODE(0); CODE(1); CODE(2); CODE(3); CODE(4); CODE(5); CODE(6); CODE(7);
#undef CODE
        return;
    }
    if (f.bits >= 4) {
        const VI nibbles = SET_I(0x0F0F0F0F);
#define CODES(j) { VI p = LOAD_I(at + (j) * WORD); w[2 * (j)] = AND(p, nibbles); w[2 * (j) + 1] = AND(RIGHT(p, 4), nibbles); }
        CODES(0) CODES(1) CODES(2) CODES(3)
#undef CODES
        if (f.table) {
#define CODE(j) w[j] = SHUFFLE(table, w[j])
            CODE(0); CODE(1); CODE(2); CODE(3); CODE(4); CODE(5); CODE(6); CODE(7);
#undef CODE
        }
    }
    if (f.bits == 5) {
        VI p = LOAD_I(at + 4 * WORD);
        const VI fifth = SET_I(0x10101010);
#define LOW(j) w[j] = OR(w[j], AND(LEFT(p, 4 - (j)), fifth))
#define HIGH(j) w[j] = OR(w[j], AND(RIGHT(p, (j) - 4), fifth))
        LOW(0); LOW(1); LOW(2); LOW(3); HIGH(4); HIGH(5); HIGH(6); HIGH(7);
#undef LOW
#undef HIGH
    }
    if (f.bits == 6) {
        VI p = LOAD_I(at + 4 * WORD);
        VI q = LOAD_I(at + 5 * WORD);
        const VI upper = SET_I(0x30303030);
        w[0] = OR(w[0], AND(LEFT(p, 4), upper));
        w[1] = OR(w[1], AND(LEFT(p, 2), upper));
        w[2] = OR(w[2], AND(p, upper));
        w[3] = OR(w[3], AND(RIGHT(p, 2), upper));
        w[4] = OR(w[4], AND(LEFT(q, 4), upper));
        w[5] = OR(w[5], AND(LEFT(q, 2), upper));
        w[6] = OR(w[6], AND(q, upper));
        w[7] = OR(w[7], AND(RIGHT(q, 2), upper));
    }
    if (f.bits <= 3) {
        VI p = LOAD_I(at);
        VI q = LOAD_I(at + WORD);
        const VI lower = SET_I(0x03030303);
        w[0] = AND(p, lower);
        w[1] = AND(RIGHT(p, 2), lower);
        w[2] = AND(RIGHT(p, 4), lower);
        w[3] = AND(RIGHT(p, 6), lower);
        w[4] = AND(q, lower);
        w[5] = AND(RIGHT(q, 2), lower);
        w[6] = AND(RIGHT(q, 4), lower);
        w[7] = AND(RIGHT(q, 6), lower);
    }
    if (f.bits == 3) {
        VI p = LOAD_I(at + 2 * WORD);
        const VI third = SET_I(0x04040404);
#define LOW(j) w[j] = OR(w[j], AND(LEFT(p, 2 - (j)), third))
#define HIGH(j) w[j] = OR(w[j], AND(RIGHT(p, (j) - 2), third))
        LOW(0); LOW(1); LOW(2); HIGH(3); HIGH(4); HIGH(5); HIGH(6); HIGH(7);
#undef LOW
#undef HIGH
    }
}

/* Where the integer sum of a group or half group begins. */
INLINE VI begin(const Format f, const Row x, int64_t unit) {
    return f.shift < 0 ? SET_I(0) : LEFT(SET_I((f.small ? x.sums16 : x.sums32)[unit]), f.shift);
}

/* Adds the integer sum of a group or half group to the result. */
INLINE VF end(const Format f, const Row x, int64_t unit, VI sum, VF scale, VF total) {
    VF step = SET_F(x.steps[f.small ? unit >> 1 : unit]);
    VF value = f.offset != 0 ? FMA(TO_FLOAT(sum), step, SET_F(-f.offset * x.floats32[unit])) : MUL(TO_FLOAT(sum), step);
    return FMA(value, scale, total);
}

INLINE VF add_minima(const Format f, const Row x, int64_t groups, int64_t stride, const float *minima, VF total) {
    if (f.minima == HALF_MINIMA) {
        for (int64_t g = 0; g < groups; g++) {
            total = FMA(LOAD_F(minima + g * stride), SET_F(x.floats32[g]), total);
        }
    }
    if (f.minima == BLOCK_MINIMA) {
        for (int64_t b = 0; b < groups / 2; b++) {
            total = FMA(LOAD_F(minima + b * stride), SET_F(x.floats32[2 * b] + x.floats32[2 * b + 1]), total);
        }
    }
    if (f.minima == WORD_MINIMA) {
        const float *sums = f.small ? x.floats16 : x.floats32;
        int64_t words = groups / (f.small ? 2 : 4);
        for (int64_t v = 0; v < words; v++, minima += 5 * stride, sums += 4) {
            VF sum = MUL(LOAD_F(minima), SET_F(sums[0]));
            sum = FMA(LOAD_F(minima + stride), SET_F(sums[1]), sum);
            sum = FMA(LOAD_F(minima + 2 * stride), SET_F(sums[2]), sum);
            sum = FMA(LOAD_F(minima + 3 * stride), SET_F(sums[3]), sum);
            total = FMA(LOAD_F(minima + 4 * stride), sum, total);
        }
    }
    return total;
}

/* Bytes of the codes of a group; of nested ones, in the base range. */
INLINE int64_t group_bytes(const Format f) {
    return (f.base ? f.base : f.bits) * WORD;
}

/* Bytes of the headers of a panel. */
INLINE int64_t header_bytes(const Format f, int64_t blocks) {
    return f.base ? (blocks + 1) / 2 * WORD : blocks * f.header * WORD;
}

#define INPUT(row, g, j) SET_I(((const int32_t *)((row).codes + (g) * GROUP))[j])

/* A vector of outputs for one row or for two, straight from the packed codes: one stream through the panel. */
INLINE void direct(
        const Format f, VI table, int count, const uint8_t *codes, const uint8_t *rest, int64_t groups,
        const float *scales, const float *minima, const Row *x, float *out, int64_t out_stride) {
    VF total0 = SET_F(0), total1 = total0;
    const Row x0 = x[0], x1 = x[count - 1];
    for (int64_t g = 0; g < groups; g++, codes += group_bytes(f), rest += f.residual * WORD) {
        VI w[8];
        if (f.base) unpack_nested(f, codes, rest, w); else unpack(f, table, codes, w);
#define ONE(row, total)                                                                             \
        {                                                                                           \
            VI a = begin(f, row, f.small ? 2 * g : g);                                              \
            VI b = f.small ? begin(f, row, 2 * g + 1) : SET_I(0);                                   \
            a = DOT(a, w[0], INPUT(row, g, 0));                                                     \
            b = DOT(b, w[4], INPUT(row, g, 4));                                                     \
            a = DOT(a, w[1], INPUT(row, g, 1));                                                     \
            b = DOT(b, w[5], INPUT(row, g, 5));                                                     \
            a = DOT(a, w[2], INPUT(row, g, 2));                                                     \
            b = DOT(b, w[6], INPUT(row, g, 6));                                                     \
            a = DOT(a, w[3], INPUT(row, g, 3));                                                     \
            b = DOT(b, w[7], INPUT(row, g, 7));                                                     \
            if (f.small) {                                                                          \
                total = end(f, row, 2 * g, a, LOAD_F(scales + 2 * g * LANES), total);               \
                total = end(f, row, 2 * g + 1, b, LOAD_F(scales + (2 * g + 1) * LANES), total);     \
            } else {                                                                                \
                total = end(f, row, g, ADD(a, b), LOAD_F(scales + g * LANES), total);               \
            }                                                                                       \
        }
        ONE(x0, total0)
        if (count > 1) ONE(x1, total1)
    }
    STORE_F(out, add_minima(f, x0, groups, LANES, minima, total0));
    if (count > 1) {
        STORE_F(out + out_stride, add_minima(f, x1, groups, LANES, minima, total1));
    }
}

/* Two vectors of outputs for up to COLUMNS rows, from codes of a byte each: a tile of sums that stays in registers. */
INLINE void tile(
        const Format f, int count, const uint8_t *codes, int64_t groups, const float *scales, const float *minima,
        const Row *x, float *out0, float *out1, int64_t out_stride) {
    VF t00 = SET_F(0), t01 = t00, t10 = t00, t11 = t00, t20 = t00, t21 = t00, t30 = t00, t31 = t00;
    const Row x0 = x[0], x1 = x[count > 1 ? 1 : 0], x2 = x[count > 2 ? 2 : 0], x3 = x[count > 3 ? 3 : 0];
    const int64_t units = f.small ? 2 * groups : groups;
    for (int64_t u = 0; u < units; u++) {
#define START(row, i)                    \
        VI a##i##0 = SET_I(0);           \
        if (count > i) a##i##0 = begin(f, row, u); \
        VI a##i##1 = a##i##0;
        START(x0, 0) START(x1, 1) START(x2, 2) START(x3, 3)
#define MEET(row, i, j)                                                                                   \
        if (count > i) {                                                                                  \
            VI in = SET_I(((const int32_t *)(row).codes)[(f.small ? 4 : 8) * u + (j)]);                   \
            a##i##0 = DOT(a##i##0, w0, in);                                                               \
            a##i##1 = DOT(a##i##1, w1, in);                                                               \
        }
#define STEP(j)                                                                        \
        {                                                                              \
            VI w0 = LOAD_I(codes + (2 * (j)) * 4 * LANES);                             \
            VI w1 = LOAD_I(codes + (2 * (j) + 1) * 4 * LANES);                         \
            MEET(x0, 0, j) MEET(x1, 1, j) MEET(x2, 2, j) MEET(x3, 3, j)                \
        }
        STEP(0) STEP(1) STEP(2) STEP(3)
        if (!f.small) {
            STEP(4) STEP(5) STEP(6) STEP(7)
        }
        codes += (f.small ? 4 : 8) * 2 * 4 * LANES;
        VF s0 = LOAD_F(scales + 2 * u * LANES);
        VF s1 = LOAD_F(scales + (2 * u + 1) * LANES);
#define FINISH(row, i)                                  \
        if (count > i) {                                \
            t##i##0 = end(f, row, u, a##i##0, s0, t##i##0); \
            t##i##1 = end(f, row, u, a##i##1, s1, t##i##1); \
        }
        FINISH(x0, 0) FINISH(x1, 1) FINISH(x2, 2) FINISH(x3, 3)
    }
#define PUT(row, i)                                                                                         \
    if (count > i) {                                                                                        \
        STORE_F(out0 + i * out_stride, add_minima(f, row, groups, 2 * LANES, minima, t##i##0));             \
        STORE_F(out1 + i * out_stride, add_minima(f, row, groups, 2 * LANES, minima + LANES, t##i##1));     \
    }
    PUT(x0, 0) PUT(x1, 1) PUT(x2, 2) PUT(x3, 3)
}

/* Everything a call is about; see NativeKernels.java. */
typedef struct {
    const uint8_t *panels;    /* the first panel */
    int64_t count;            /* of panels */
    int64_t width;
    const uint8_t *x;         /* the first row */
    int64_t x_stride;         /* bytes */
    int64_t padded;           /* elements of a row of x */
    int64_t rows;
    float *out;               /* [rows, 16 * panels] */
    int64_t out_stride;       /* floats */
    uint8_t *scratch;         /* 80 bytes for each padded element */
    const uint8_t *rest;      /* of nested codes: the first panel's residual codes */
    float unit;               /* of nested codes: of the scales of 8-bit codes */
    float middle;             /* of nested codes: what stands for the bits that are not there */
} Call;

INLINE void few(int layout, const Format f, VI table, const Call *c) {
    const int64_t blocks = (c->width + f.block - 1) / f.block;
    const int64_t groups = blocks * (f.block / GROUP);
    const int64_t header = header_bytes(f, blocks);
    const int64_t panel_bytes = header + groups * group_bytes(f);
    const int64_t rest_bytes = groups * f.residual * WORD;
    float *scales = (float *)c->scratch;
    float *minima = scales + groups * 2 * LANES;
    for (int64_t p = 0; p < c->count; p++) {
        const uint8_t *panel = c->panels + p * panel_bytes;
        for (int lane = 0; lane < 16; lane += LANES) {
            float *out = c->out + p * 16 + lane;
            if (f.base) {
                expand_nested(c->unit, c->middle, panel + 4 * lane, blocks, LANES, scales, minima);
            } else {
                expand(layout, f, panel + 4 * lane, blocks, LANES, scales, minima);
            }
            const uint8_t *codes = panel + header + 4 * lane;
            const uint8_t *rest = c->rest + p * rest_bytes + 4 * lane;
            int64_t r = 0;
            for (; r + 2 <= c->rows; r += 2) {
                Row x[2] = {row_at(c->x, c->x_stride, c->padded, r), row_at(c->x, c->x_stride, c->padded, r + 1)};
                direct(f, table, 2, codes, rest, groups, scales, minima, x, out + r * c->out_stride, c->out_stride);
            }
            if (r < c->rows) {
                Row x = row_at(c->x, c->x_stride, c->padded, r);
                direct(f, table, 1, codes, rest, groups, scales, minima, &x, out + r * c->out_stride, c->out_stride);
            }
        }
    }
}

INLINE void many(int layout, const Format f, VI table, const Call *c) {
    const int64_t blocks = (c->width + f.block - 1) / f.block;
    const int64_t groups = blocks * (f.block / GROUP);
    const int64_t header = header_bytes(f, blocks);
    const int64_t panel_bytes = header + groups * group_bytes(f);
    const int64_t rest_bytes = groups * f.residual * WORD;
    uint8_t *bytes = c->scratch;
    float *scales = (float *)(bytes + groups * GROUP * 2 * LANES);
    float *minima = scales + groups * 2 * 2 * LANES;
    const int64_t vectors = c->count * (16 / LANES);
    for (int64_t v = 0; v < vectors; v += 2) {
        float *outs[2];
        for (int half = 0; half < 2; half++) {
            /* A vector without a partner is computed twice. */
            int64_t vector = v + half < vectors ? v + half : v;
            const uint8_t *panel = c->panels + vector * LANES / 16 * panel_bytes + 4 * (vector * LANES % 16);
            const uint8_t *rest = c->rest + vector * LANES / 16 * rest_bytes + 4 * (vector * LANES % 16);
            if (f.base) {
                expand_nested(
                        c->unit, c->middle, panel, blocks, 2 * LANES, scales + half * LANES, minima + half * LANES);
            } else {
                expand(layout, f, panel, blocks, 2 * LANES, scales + half * LANES, minima + half * LANES);
            }
            for (int64_t g = 0; g < groups; g++) {
                VI w[8];
                const uint8_t *codes = panel + header + g * group_bytes(f);
                if (f.base) unpack_nested(f, codes, rest + g * f.residual * WORD, w); else unpack(f, table, codes, w);
                uint8_t *to = bytes + (g * 8 * 2 + half) * 4 * LANES;
                STORE_I(to, w[0]);
                STORE_I(to + 8 * LANES, w[1]);
                STORE_I(to + 16 * LANES, w[2]);
                STORE_I(to + 24 * LANES, w[3]);
                STORE_I(to + 32 * LANES, w[4]);
                STORE_I(to + 40 * LANES, w[5]);
                STORE_I(to + 48 * LANES, w[6]);
                STORE_I(to + 56 * LANES, w[7]);
            }
            outs[half] = c->out + vector * LANES;
        }
        for (int64_t r = 0; r < c->rows; r += COLUMNS) {
            int count = c->rows - r < COLUMNS ? (int)(c->rows - r) : COLUMNS;
            Row x[COLUMNS];
            for (int i = 0; i < count; i++) {
                x[i] = row_at(c->x, c->x_stride, c->padded, r + i);
            }
            float *out0 = outs[0] + r * c->out_stride;
            float *out1 = outs[1] + r * c->out_stride;
            switch (count) {
                case 1: tile(f, 1, bytes, groups, scales, minima, x, out0, out1, c->out_stride); break;
                case 2: tile(f, 2, bytes, groups, scales, minima, x, out0, out1, c->out_stride); break;
#if COLUMNS > 2
                case 3: tile(f, 3, bytes, groups, scales, minima, x, out0, out1, c->out_stride); break;
                default: tile(f, 4, bytes, groups, scales, minima, x, out0, out1, c->out_stride); break;
#endif
            }
        }
    }
}

#define KERNEL(layout)                                                                        \
    static void multiply_##layout(const Call *c) {                                            \
        const Format f = FORMATS[layout];                                                     \
        VI table = TABLE(layout == MXFP4 ? FLOAT4 : NON_LINEAR);                              \
        if (c->rows <= DIRECT_ROWS) few(layout, f, table, c); else many(layout, f, table, c); \
    }

/* Up to so many rows the codes are used as they are packed. */
#define DIRECT_ROWS 8

KERNEL(Q8_0)
KERNEL(Q4_0)
KERNEL(Q4_1)
KERNEL(Q5_0)
KERNEL(Q5_1)
KERNEL(IQ4_NL)
KERNEL(MXFP4)
KERNEL(Q2_K)
KERNEL(Q3_K)
KERNEL(Q4_K)
KERNEL(Q5_K)
KERNEL(Q6_K)
KERNEL(IQ4_XS)

/* Nested codes, unpacked, are codes of 8 bits, whatever is known of them. */
#define NESTED_KERNEL(base, residual)                                                        \
    static void multiply_nested_##base##_##residual(const Call *c) {                          \
        const Format f = {8, 0, 0, 7, 0, BLOCK_MINIMA, 64, 0, base, residual};                \
        VI table = SET_I(0);                                                                  \
        if (c->rows <= DIRECT_ROWS) few(-1, f, table, c); else many(-1, f, table, c);         \
    }

NESTED_KERNEL(2, 0)
NESTED_KERNEL(2, 1)
NESTED_KERNEL(2, 2)
NESTED_KERNEL(4, 0)
NESTED_KERNEL(4, 1)
NESTED_KERNEL(4, 2)
NESTED_KERNEL(4, 4)

/* Rounds rows of `padded` floats to 8 bits. */
void tilewright_quantise(const float *values, int64_t rows, int64_t padded, uint8_t *to, int64_t stride) {
    for (int64_t r = 0; r < rows; r++) {
        quantise_row(values + r * padded, to + r * stride, padded);
    }
}

/* Multiplies rows with panels; layouts without codes are not for this. */
void tilewright_multiply(
        int layout, const uint8_t *panels, int64_t count, int64_t width, const uint8_t *x, int64_t x_stride,
        int64_t padded, int64_t rows, float *out, int64_t out_stride, uint8_t *scratch) {
    const Call c = {panels, count, width, x, x_stride, padded, rows, out, out_stride, scratch, panels, 1, 0};
    switch (layout) {
#define CASE(layout) case layout: multiply_##layout(&c); break;
        CASE(Q8_0) CASE(Q4_0) CASE(Q4_1) CASE(Q5_0) CASE(Q5_1) CASE(IQ4_NL) CASE(MXFP4)
        CASE(Q2_K) CASE(Q3_K) CASE(Q4_K) CASE(Q5_K) CASE(Q6_K) CASE(IQ4_XS)
    }
}

/*
 * Multiplies rows with nested panels.
 *
 * base_bits, residual_bits: of a code, in the two ranges; no bits in the second when it is not there
 * unit: of the scales, over 2^(8 - bits of a whole code)
 * middle: half of what the bits that are not there can add to a code of 8 bits
 */
void tilewright_multiply_nested(
        int base_bits, int residual_bits, float unit, float middle, const uint8_t *base, const uint8_t *residual,
        int64_t count, int64_t width, const uint8_t *x, int64_t x_stride, int64_t padded, int64_t rows, float *out,
        int64_t out_stride, uint8_t *scratch) {
    const Call c = {base, count, width, x, x_stride, padded, rows, out, out_stride, scratch, residual, unit, middle};
    switch (base_bits * 8 + residual_bits) {
#define CASE_NESTED(base, residual) case base * 8 + residual: multiply_nested_##base##_##residual(&c); break;
        CASE_NESTED(2, 0) CASE_NESTED(2, 1) CASE_NESTED(2, 2)
        CASE_NESTED(4, 0) CASE_NESTED(4, 1) CASE_NESTED(4, 2) CASE_NESTED(4, 4)
    }
}
