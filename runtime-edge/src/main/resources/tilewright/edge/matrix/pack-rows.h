/* Words of several rows at a time, by the compiler's own vectors; see pack.c. */
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
