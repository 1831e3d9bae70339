/* For x86-64, with vectors of 512 or of 256 bits; see vectors.h. */
#include <immintrin.h>

#if !defined(__AVX2__) || !defined(__FMA__) || !defined(__F16C__)
#error "native code needs AVX2, FMA and F16C"
#endif

/* Products of bytes are worth 512 bits where the processor has an instruction for them. */
#if defined(__AVX512F__) && (!defined(BYTE_PRODUCTS) || defined(__AVX512BW__) && defined(__AVX512VNNI__))

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
#define PLUS(a, b) _mm512_add_ps(a, b)
#define ADD(a, b) _mm512_add_epi32(a, b)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define SHUFFLE(table, i) _mm512_shuffle_epi8(table, i)
#define TABLE(p) _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(p)))
#define DOT_WORD(sum, codes, x) _mm512_dpbusd_epi32(sum, codes, x)
/* The low halves of the lanes, as binary16. */
#define HALVES(a) _mm512_cvtph_ps(_mm512_cvtepi32_epi16(a))

#else

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
#define PLUS(a, b) _mm256_add_ps(a, b)
#define ADD(a, b) _mm256_add_epi32(a, b)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define SHUFFLE(table, i) _mm256_shuffle_epi8(table, i)
#define TABLE(p) _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(p)))
#if defined(__AVXVNNI__)
#define DOT_WORD(sum, codes, x) _mm256_dpbusd_avx_epi32(sum, codes, x)
#elif defined(__AVX512VNNI__) && defined(__AVX512VL__)
#define DOT_WORD(sum, codes, x) _mm256_dpbusd_epi32(sum, codes, x)
#else
/* The 16-bit sums of two products saturate, so the highest bit of the codes is multiplied by itself. */
INLINE VI DOT_WORD(VI sum, VI codes, VI x) {
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

#endif

#define SIDES 1
#define EACH_SIDE(f) f(0)

#define SIGNED_CODES 0
#define FLIP(v, bits) (v)

typedef VI SUM;
typedef const int32_t *IN;
#define INPUTS(p) ((const int32_t *)(p))
#define SUM_FROM(v) (v)
#define SUM_OF(sum) (sum)
/* Four codes of each lane times inputs 4j to 4j + 3. */
#define DOT(sum, codes, in, j) DOT_WORD(sum, codes, SET_I((in)[j]))

/* Bytes shifted to the left by n bits (to the right by -n), of which the mask's bits stay; none of them cross a byte's end. */
INLINE VI bits(VI v, const int n, const int mask) {
    VI shifted = n == 0 ? v : n > 0 ? LEFT(v, n) : RIGHT(v, -n);
    return AND(shifted, SET_I((int)(mask * 0x01010101u)));
}

/* Puts such bits into bytes that have none of the mask's. */
INLINE VI merge(VI w, VI v, const int n, const int mask) {
    return OR(w, bits(v, n, mask));
}

/* The largest magnitude of 32 floats; not a number when one of them is none. */
INLINE float largest_magnitude(const float *values) {
    const __m256 sign = _mm256_set1_ps(-0.0f);
    __m256 largest = _mm256_setzero_ps();
    __m256 unordered = largest;
    for (int i = 0; i < 4; i++) {
        __m256 v = _mm256_loadu_ps(values + 8 * i);
        largest = _mm256_max_ps(largest, _mm256_andnot_ps(sign, v));
        unordered = _mm256_or_ps(unordered, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
    }
    __m128 top = _mm_max_ps(_mm256_castps256_ps128(largest), _mm256_extractf128_ps(largest, 1));
    top = _mm_max_ps(top, _mm_movehl_ps(top, top));
    float magnitude = _mm_cvtss_f32(_mm_max_ss(top, _mm_shuffle_ps(top, top, 1)));
    return _mm256_movemask_ps(unordered) ? __builtin_nanf("") : magnitude;
}

/* 32 floats times the factor, rounded to bytes (0 for what is no number), and the sums of 16 of these each. */
INLINE void round_to_bytes(const float *values, float factor, int8_t *codes, int32_t sums[2]) {
    const __m256 times = _mm256_set1_ps(factor);
    __m256i q[4];
    for (int i = 0; i < 4; i++) {
        __m256 scaled = _mm256_mul_ps(_mm256_loadu_ps(values + 8 * i), times);
        scaled = _mm256_and_ps(scaled, _mm256_cmp_ps(scaled, scaled, _CMP_ORD_Q));
        q[i] = _mm256_cvtps_epi32(scaled);
    }
    __m256i low = _mm256_permute4x64_epi64(_mm256_packs_epi32(q[0], q[1]), 0xD8);
    __m256i high = _mm256_permute4x64_epi64(_mm256_packs_epi32(q[2], q[3]), 0xD8);
    __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(low, high), 0xD8);
    _mm256_storeu_si256((__m256i *)codes, bytes);
    for (int half = 0; half < 2; half++) {
        __m256i s = _mm256_add_epi32(q[2 * half], q[2 * half + 1]);
        __m128i t = _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
        t = _mm_add_epi32(t, _mm_shuffle_epi32(t, 0x4E));
        t = _mm_add_epi32(t, _mm_shuffle_epi32(t, 0xB1));
        sums[half] = _mm_cvtsi128_si32(t);
    }
}

/* Eight binary16 numbers as floats. */
INLINE void widen8(const uint16_t *x, float *out) {
    _mm256_storeu_ps(out, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)x)));
}

INLINE float from_half(uint16_t x) {
    return _cvtsh_ss(x);
}

/* To the nearest, ties to even. */
INLINE uint16_t to_half(float x) {
    return _cvtss_sh(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
