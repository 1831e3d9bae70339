/*
 * For aarch64, with vectors of 128 bits, and with dot products of bytes where the processor has them; see vectors.h.
 *
 * Four vectors side by side are a panel's 16 rows, so that one stream runs through it. Codes are signed, since the only dot
 * products that every processor from Armv8.2's on may have are of two signed or of two unsigned operands.
 */
#include <arm_neon.h>

#define LANES 4
#define COLUMNS 4
#define SIDES 4
#define EACH_SIDE(f) f(0) f(1) f(2) f(3)

typedef int32x4_t VI;
typedef float32x4_t VF;
#define LOAD_I(p) vld1q_s32((const int32_t *)(p))
#define STORE_I(p, v) vst1q_s32((int32_t *)(p), v)
#define LOAD_F(p) vld1q_f32(p)
#define STORE_F(p, v) vst1q_f32(p, v)
#define SET_I(x) vdupq_n_s32(x)
#define SET_F(x) vdupq_n_f32(x)
#define AND(a, b) vandq_s32(a, b)
#define OR(a, b) vorrq_s32(a, b)
#define RIGHT(a, n) ((VI)((uint32x4_t)(a) >> (n)))
#define RIGHT_SIGNED(a, n) ((a) >> (n))
#define LEFT(a, n) ((VI)((uint32x4_t)(a) << (n)))
#define TO_FLOAT(a) vcvtq_f32_s32(a)
#define AS_FLOAT(a) vreinterpretq_f32_s32(a)
#define MUL(a, b) vmulq_f32(a, b)
#define PLUS(a, b) vaddq_f32(a, b)
#define ADD(a, b) vaddq_s32(a, b)
#define FMA(a, b, c) vfmaq_f32(c, a, b)
#define SHUFFLE(table, i) ((VI)vqtbl1q_u8((uint8x16_t)(table), (uint8x16_t)(i)))
#define TABLE(p) ((VI)vld1q_u8(p))
/* The low halves of the lanes, as binary16. */
#define HALVES(a) vcvt_f32_f16(vreinterpret_f16_u16(vmovn_u32((uint32x4_t)(a))))

#define SIGNED_CODES 1
#define FLIP(v, bits) veorq_s32(v, (VI)vdupq_n_u8(bits))

typedef int8x16_t IN;
#define INPUTS(p) vld1q_s8((const int8_t *)(p))

#if defined(__ARM_FEATURE_DOTPROD)

typedef VI SUM;
#define SUM_FROM(v) (v)
#define SUM_OF(sum) (sum)
/* Four codes of each lane times inputs 4j to 4j + 3. */
#define DOT(sum, codes, in, j) vdotq_laneq_s32(sum, (int8x16_t)(codes), in, j)

#else

/* Two sums for each lane, next to each other. */
typedef struct {
    int32x4_t low, high;
} SUM;

INLINE SUM SUM_FROM(VI v) {
    const VI zero = vdupq_n_s32(0);
    SUM sum = {vzip1q_s32(v, zero), vzip2q_s32(v, zero)};
    return sum;
}

INLINE VI SUM_OF(SUM sum) {
    return vpaddq_s32(sum.low, sum.high);
}

INLINE SUM dot_word(SUM sum, int8x16_t codes, int8x16_t x) {
    sum.low = vpadalq_s16(sum.low, vmull_s8(vget_low_s8(codes), vget_low_s8(x)));
    sum.high = vpadalq_s16(sum.high, vmull_high_s8(codes, x));
    return sum;
}

#define DOT(sum, codes, in, j) dot_word(sum, (int8x16_t)(codes), (int8x16_t)vdupq_laneq_s32((int32x4_t)(in), j))

#endif

INLINE uint8x16_t shift_bytes(VI v, const int n) {
    uint8x16_t bytes = (uint8x16_t)v;
    return n == 0 ? bytes : n > 0 ? bytes << n : bytes >> -n;
}

/* Bytes shifted to the left by n bits (to the right by -n), of which the mask's bits stay; none of them cross a byte's end. */
INLINE VI bits(VI v, const int n, const int mask) {
    const int there = n > 0 ? 0xFF << n & 0xFF : 0xFF >> -n;
    uint8x16_t shifted = shift_bytes(v, n);
    return (VI)(mask == there ? shifted : vandq_u8(shifted, vdupq_n_u8(mask)));
}

/* Puts such bits into bytes that have none of the mask's. */
INLINE VI merge(VI w, VI v, const int n, const int mask) {
    return (VI)vbslq_u8(vdupq_n_u8(mask), shift_bytes(v, n), (uint8x16_t)w);
}

/* The largest magnitude of 32 floats; not a number when one of them is none. */
INLINE float largest_magnitude(const float *values) {
    float32x4_t largest = vdupq_n_f32(0);
    for (int i = 0; i < 8; i++) {
        largest = vmaxq_f32(largest, vabsq_f32(vld1q_f32(values + 4 * i)));
    }
    return vmaxvq_f32(largest);
}

/* 32 floats times the factor, rounded to bytes (0 for what is no number), and the sums of 16 of these each. */
INLINE void round_to_bytes(const float *values, float factor, int8_t *codes, int32_t sums[2]) {
    for (int half = 0; half < 2; half++) {
        int32x4_t q[4];
        for (int i = 0; i < 4; i++) {
            q[i] = vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(values + 16 * half + 4 * i), factor));
        }
        int16x8_t low = vcombine_s16(vmovn_s32(q[0]), vmovn_s32(q[1]));
        int16x8_t high = vcombine_s16(vmovn_s32(q[2]), vmovn_s32(q[3]));
        vst1q_s8(codes + 16 * half, vcombine_s8(vmovn_s16(low), vmovn_s16(high)));
        sums[half] = vaddvq_s32(vaddq_s32(vaddq_s32(q[0], q[1]), vaddq_s32(q[2], q[3])));
    }
}

/* Eight binary16 numbers as floats. */
INLINE void widen8(const uint16_t *x, float *out) {
    float16x8_t halves = vreinterpretq_f16_u16(vld1q_u16(x));
    vst1q_f32(out, vcvt_f32_f16(vget_low_f16(halves)));
    vst1q_f32(out + 4, vcvt_high_f32_f16(halves));
}

INLINE float from_half(uint16_t x) {
    __fp16 half;
    memcpy(&half, &x, sizeof half);
    return half;
}

/* To the nearest, ties to even. */
INLINE uint16_t to_half(float x) {
    __fp16 half = (__fp16)x;
    uint16_t result;
    memcpy(&result, &half, sizeof half);
    return result;
}
