/*
 * Products of rows of 8-bit activations with packed weights, for x86-64 and aarch64.
 *
 * The byte order of the weights is documented in PanelLayout.java, that of the activations in ByteActivations.java. Dot
 * products of codes are integers, hence exact; the float operations on them come in the order of the Java kernels
 * (ByteDots.java, PanelScales.java), so that results are the same, whatever the number of rows, the vector length and the
 * architecture. Compiled without contraction: every fused operation is written as one.
 */
#define BYTE_PRODUCTS
#include "vectors.h"
#include "formats.h"
#include "scales.h"
#include "codes.h"

/* What is smaller counts as 0, since its inverse times 127 would not be finite. */
#define NOTHING 0x1p-121f

/* Rounds one row of floats, padded with zeros to a multiple of 32 elements, to 8 bits. */
static void quantise_row(const float *values, uint8_t *to, int64_t padded) {
    int8_t *codes = (int8_t *)to;
    float *steps = (float *)(to + padded);
    int32_t *sums32 = (int32_t *)(to + padded + padded / 8);
    float *floats32 = (float *)(to + padded + padded / 4);
    int32_t *sums16 = (int32_t *)(to + padded + padded / 8 * 3);
    float *floats16 = (float *)(to + padded + padded / 8 * 5);
    for (int64_t b = 0; b < padded / GROUP; b++) {
        /* Not a number when one of the values is none: their codes become 0, as a Java cast has it, and the step says so. */
        float magnitude = largest_magnitude(values + b * GROUP);
        float step = magnitude / 127;
        float inverse = magnitude < NOTHING ? 0 : 127 / magnitude;
        steps[b] = step;
        int32_t sum[2];
        round_to_bytes(values + b * GROUP, inverse, codes + b * GROUP, sum);
        for (int half = 0; half < 2; half++) {
            sums16[2 * b + half] = -sum[half];
            floats16[2 * b + half] = (float)sum[half] * step;
        }
        sums32[b] = -(sum[0] + sum[1]);
        floats32[b] = floats16[2 * b] + floats16[2 * b + 1];
    }
}

/* Where the integer sum of a group or half group begins. */
INLINE SUM begin(const Format f, const Row x, int64_t unit) {
    if (f.shift < 0 || (SIGNED_CODES && f.shift == 7)) {
        return SUM_FROM(SET_I(0));
    }
    return SUM_FROM(LEFT(SET_I((f.small ? x.sums16 : x.sums32)[unit]), f.shift));
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

/* SIDES vectors of outputs for one row or for two, straight from the packed codes: one stream through the panel. */
INLINE void direct(
        const Format f, VI table, int count, const uint8_t *codes, const uint8_t *rest, int64_t groups,
        const float *scales, const float *minima, const Row *x, float *out, int64_t out_stride) {
    const int64_t stride = SIDES * LANES;
    const Row x0 = x[0], x1 = x[count - 1];
#define TOTALS(side) VF total0##side = SET_F(0), total1##side = total0##side;
    EACH_SIDE(TOTALS)
#undef TOTALS
    for (int64_t g = 0; g < groups; g++, codes += group_bytes(f), rest += f.residual * WORD) {
        const IN low0 = INPUTS(x0.codes + g * GROUP), high0 = INPUTS(x0.codes + g * GROUP + GROUP / 2);
        const IN low1 = INPUTS(x1.codes + g * GROUP), high1 = INPUTS(x1.codes + g * GROUP + GROUP / 2);
#define ONE(row, low, high, scale, total)                                                           \
        {                                                                                           \
            SUM a = begin(f, row, f.small ? 2 * g : g);                                             \
            SUM b = f.small ? begin(f, row, 2 * g + 1) : SUM_FROM(SET_I(0));                        \
            a = DOT(a, w[0], low, 0);                                                               \
            b = DOT(b, w[4], high, 0);                                                              \
            a = DOT(a, w[1], low, 1);                                                               \
            b = DOT(b, w[5], high, 1);                                                              \
            a = DOT(a, w[2], low, 2);                                                               \
            b = DOT(b, w[6], high, 2);                                                              \
            a = DOT(a, w[3], low, 3);                                                               \
            b = DOT(b, w[7], high, 3);                                                              \
            if (f.small) {                                                                          \
                total = end(f, row, 2 * g, SUM_OF(a), LOAD_F((scale) + 2 * g * stride), total);     \
                total = end(f, row, 2 * g + 1, SUM_OF(b), LOAD_F((scale) + (2 * g + 1) * stride), total); \
            } else {                                                                                \
                total = end(f, row, g, ADD(SUM_OF(a), SUM_OF(b)), LOAD_F((scale) + g * stride), total); \
            }                                                                                       \
        }
#define BOTH(side)                                                                                  \
        {                                                                                           \
            VI w[8];                                                                                \
            const uint8_t *at = codes + 4 * LANES * side, *more = rest + 4 * LANES * side;          \
            if (f.base) unpack_nested(f, at, more, w); else unpack(f, table, at, w);                \
            ONE(x0, low0, high0, scales + LANES * side, total0##side)                               \
            if (count > 1) ONE(x1, low1, high1, scales + LANES * side, total1##side)                \
        }
        EACH_SIDE(BOTH)
#undef BOTH
#undef ONE
    }
#define PUT(side)                                                                                         \
    STORE_F(out + LANES * side, add_minima(f, x0, groups, stride, minima + LANES * side, total0##side));  \
    if (count > 1) {                                                                                      \
        VF total = add_minima(f, x1, groups, stride, minima + LANES * side, total1##side);                \
        STORE_F(out + LANES * side + out_stride, total);                                                  \
    }
    EACH_SIDE(PUT)
#undef PUT
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
        SUM a##i##0 = SUM_FROM(SET_I(0)); \
        if (count > i) a##i##0 = begin(f, row, u); \
        SUM a##i##1 = a##i##0;
        START(x0, 0) START(x1, 1) START(x2, 2) START(x3, 3)
#define MEET(row, i, j)                                                                              \
        if (count > i) {                                                                             \
            IN in = INPUTS((row).codes + ((f.small ? 4 : 8) * u + (j) / 4 * 4) * 4);                 \
            a##i##0 = DOT(a##i##0, w0, in, (j) % 4);                                                 \
            a##i##1 = DOT(a##i##1, w1, in, (j) % 4);                                                 \
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
            t##i##0 = end(f, row, u, SUM_OF(a##i##0), s0, t##i##0); \
            t##i##1 = end(f, row, u, SUM_OF(a##i##1), s1, t##i##1); \
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
    float *minima = scales + groups * 2 * SIDES * LANES;
    for (int64_t p = 0; p < c->count; p++) {
        const uint8_t *panel = c->panels + p * panel_bytes;
        for (int lane = 0; lane < 16; lane += SIDES * LANES) {
            float *out = c->out + p * 16 + lane;
            for (int side = 0; side < SIDES * LANES; side += LANES) {
                const uint8_t *at = panel + 4 * (lane + side);
                if (f.base) {
                    expand_nested(c->unit, c->middle, at, blocks, SIDES * LANES, scales + side, minima + side);
                } else {
                    expand(layout, f, at, blocks, SIDES * LANES, scales + side, minima + side);
                }
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
        VI table = FLIP(TABLE(layout == MXFP4 ? FLOAT4 : NON_LINEAR), 0x80);                  \
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
