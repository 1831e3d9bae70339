/*
 * Loops over neighbouring floats and products with plain elements, for x86-64 and aarch64.
 *
 * In Java such loops are fast only when the second compiler has seen them, and a thousand times slower before; a first token
 * cannot wait for that. Every operation is that of the Java loop, in its order, so that results are the same to the bit:
 * ElementLoops.java, VectorMath.java, MatrixProduct.java, AttentionStage.java, PlainDots.java. Compiled without contraction:
 * every fused operation is written as one.
 */
#include <math.h>
#include "vectors.h"

/* Floats of a panel's word; see PanelLayout.java. */
#define WORD 16

/* In the order of NativeLoops.java. */
enum { ADD, MULTIPLY, SCALE, ADD_SCALED, RESCALE_AND_ADD, SQUARES, SILU, GELU_TANH, PANELS, WEIGH, TURN, WIDEN, NARROW, PLAIN };

/* In the order of PanelLayout's constants. */
enum { F32, F16, BF16 };

/* e^x; see VectorMath.java. What is no number stays none. */
INLINE float exponential(float x) {
    float limited = x < -87.3f ? -87.3f : x;
    limited = limited > 88.3f ? 88.3f : limited;
    float shifted = fmaf(limited, 1.44269504f, 0x1.8p23f);
    float exponent = shifted - 0x1.8p23f;
    float r = fmaf(exponent, -0.693359375f, limited);
    r = fmaf(exponent, 2.12194440e-4f, r);
    float p = 0.0013814616f;
    p = fmaf(p, r, 0.0083687114f);
    p = fmaf(p, r, 0.0416683874f);
    p = fmaf(p, r, 0.1666652068f);
    p = fmaf(p, r, 0.4999999345f);
    p = fmaf(p, r * r, r) + 1.0f;
    uint32_t power;
    memcpy(&power, &shifted, sizeof power);
    power = (power << 23) + 0x3f800000u;
    float factor;
    memcpy(&factor, &power, sizeof factor);
    return p * factor;
}

/* The sum of (x - mean)^2 in `lanes` sums, which then are added in order. */
INLINE float squares(const float *x, int count, float mean, const int lanes) {
    float sums[16] = {0};
    int i = 0;
    for (; i + lanes <= count; i += lanes) {
        for (int l = 0; l < lanes; l++) {
            float centred = x[i + l] - mean;
            sums[l] = fmaf(centred, centred, sums[l]);
        }
    }
    for (int l = 0; i + l < count; l++) {
        float centred = x[i + l] - mean;
        sums[l] = sums[l] + centred * centred;
    }
    float sum = 0;
    for (int l = 0; l < lanes; l++) {
        sum += sums[l];
    }
    return sum;
}

/* Scores into weights; what lies outside of from .. to-1 is hidden. See AttentionStage.java. */
INLINE void weigh(float *x, int count, int from, int to, float before, float *result, const int lanes) {
    float most = before;
    for (int i = from; i < to; i++) {
        most = x[i] > most || x[i] != x[i] ? x[i] : most;
    }
    for (int i = from; i < to; i++) {
        x[i] = exponential(x[i] - most);
    }
    for (int i = 0; i < from; i++) {
        x[i] = 0;
    }
    for (int i = to; i < count; i++) {
        x[i] = 0;
    }
    float sums[16] = {0};
    for (int i = 0; i < count; i += lanes) {
        for (int l = 0; l < lanes; l++) {
            sums[l] += x[i + l];
        }
    }
    float sum = 0;
    for (int l = 0; l < lanes; l++) {
        sum += sums[l];
    }
    result[0] = most;
    result[1] = sum;
}

/* Vectors of a panel at most: it has two of those of Java, which may be longer than ours. */
#define MOST_VECTORS (LANES < 8 ? 8 : 2)

/* Up to six rows times one panel of `vectors` vectors: each result is one chain in the order of the width. */
INLINE void tile(
        const float *a, int64_t a_stride, int rows, const float *w, int width, int vectors, float *c, int64_t c_stride) {
    VF s[6][MOST_VECTORS];
    for (int r = 0; r < rows; r++) {
        for (int v = 0; v < vectors; v++) {
            s[r][v] = SET_F(0);
        }
    }
    for (int i = 0; i < width; i++, w += vectors * LANES) {
        for (int r = 0; r < rows; r++) {
            VF x = SET_F(a[r * a_stride + i]);
            for (int v = 0; v < vectors; v++) {
                s[r][v] = FMA(x, LOAD_F(w + v * LANES), s[r][v]);
            }
        }
    }
    for (int r = 0; r < rows; r++) {
        for (int v = 0; v < vectors; v++) {
            STORE_F(c + r * c_stride + v * LANES, s[r][v]);
        }
    }
}

INLINE void panels(
        const float *a, int64_t a_stride, int rows, const float *w, int width, int count, int vectors, float *c,
        int64_t c_stride) {
    for (int p = 0; p < count; p++, w += (int64_t)width * vectors * LANES, c += vectors * LANES) {
        int r = 0;
        for (; r + 6 <= rows; r += 6) {
            tile(a + r * a_stride, a_stride, 6, w, width, vectors, c + r * c_stride, c_stride);
        }
        for (; r + 2 <= rows; r += 2) {
            tile(a + r * a_stride, a_stride, 2, w, width, vectors, c + r * c_stride, c_stride);
        }
        if (r < rows) {
            tile(a + r * a_stride, a_stride, 1, w, width, vectors, c + r * c_stride, c_stride);
        }
    }
}

/* Binary16 numbers as floats; the compiler makes no vectors of it by itself. */
INLINE void widen(const uint16_t *x, int count, float *out) {
    int i = 0;
    for (; i + 8 <= count; i += 8) {
        widen8(x + i, out + i);
    }
    for (; i < count; i++) {
        out[i] = from_half(x[i]);
    }
}

/* Half a word's elements, the lower ones or the higher ones, as floats. */
INLINE VF half(int layout, VI w, int high) {
    if (layout == BF16) {
        return AS_FLOAT(high ? AND(w, SET_I((int)0xFFFF0000)) : LEFT(w, 16));
    }
    VI shifted = RIGHT_SIGNED(high ? w : LEFT(w, 16), 3);
    return MUL(AS_FLOAT(AND(shifted, SET_I((int)0x8FFFE000))), SET_F(0x1p112f));
}

/* Some rows times one vector of a panel of plain elements. */
INLINE void plain_tile(
        int layout, const float *x, int64_t x_stride, int rows, const uint32_t *w, int steps, float *out) {
    VF s[COLUMNS][4];
    for (int r = 0; r < rows; r++) {
        s[r][0] = s[r][1] = s[r][2] = s[r][3] = SET_F(0);
    }
#define MEET(word, k, sum) \
    for (int r = 0; r < rows; r++) s[r][sum] = FMA(word, SET_F(x[r * x_stride + (k)]), s[r][sum]);
    int step = 0;
    if (layout == F32) {
        for (; step <= steps - 4; step += 4, w += 4 * WORD) {
            VF w0 = AS_FLOAT(LOAD_I(w)), w1 = AS_FLOAT(LOAD_I(w + WORD));
            VF w2 = AS_FLOAT(LOAD_I(w + 2 * WORD)), w3 = AS_FLOAT(LOAD_I(w + 3 * WORD));
            MEET(w0, step, 0) MEET(w1, step + 1, 1) MEET(w2, step + 2, 2) MEET(w3, step + 3, 3)
        }
        for (; step < steps; step++, w += WORD) {
            VF w0 = AS_FLOAT(LOAD_I(w));
            MEET(w0, step, 0)
        }
    } else {
        for (; step <= steps - 2; step += 2, w += 2 * WORD) {
            VI u = LOAD_I(w), v = LOAD_I(w + WORD);
            VF w0 = half(layout, u, 0), w1 = half(layout, u, 1), w2 = half(layout, v, 0), w3 = half(layout, v, 1);
            MEET(w0, 2 * step, 0) MEET(w1, 2 * step + 1, 1) MEET(w2, 2 * step + 2, 2) MEET(w3, 2 * step + 3, 3)
        }
        for (; step < steps; step++, w += WORD) {
            VI u = LOAD_I(w);
            VF w0 = half(layout, u, 0), w1 = half(layout, u, 1);
            MEET(w0, 2 * step, 0) MEET(w1, 2 * step + 1, 1)
        }
    }
#undef MEET
    for (int r = 0; r < rows; r++) {
        STORE_F(out + r * WORD, PLUS(PLUS(s[r][0], s[r][1]), PLUS(s[r][2], s[r][3])));
    }
}

/* Rows times panels of plain elements; the last panel may have fewer outputs. */
INLINE void plain(
        int layout, const float *x, int64_t x_stride, int rows, const uint32_t *w, int steps, int outputs, float *out,
        int64_t out_stride) {
    float block[COLUMNS * WORD];
    for (int first = 0; first < outputs; first += WORD, w += (int64_t)steps * WORD) {
        int used = outputs - first < WORD ? outputs - first : WORD;
        int count;
        for (int r = 0; r < rows; r += count) {
            const float *at = x + r * x_stride;
            count = r + COLUMNS <= rows ? COLUMNS : 1;
            for (int lane = 0; lane < WORD; lane += LANES) {
                if (count == COLUMNS) {
                    plain_tile(layout, at, x_stride, COLUMNS, w + lane, steps, block + lane);
                } else {
                    plain_tile(layout, at, x_stride, 1, w + lane, steps, block + lane);
                }
            }
            for (int i = 0; i < count; i++) {
                memcpy(out + (r + i) * out_stride + first, block + i * WORD, used * sizeof(float));
            }
        }
    }
}

/* The numbers of a binary16 value at most; larger ones become it. */
#define MOST_HALF 65504.0f

/*
 * Everything: what the operands are depends on the operation; see NativeLoops.java.
 */
void tilewright_loop(
        int operation, void *first, void *second, void *third, int i0, int i1, int i2, int i3, int i4, int i5, int i6,
        int i7, int i8, float factor) {
    const float *a = (const float *)first;
    const float *b = (const float *)second;
    float *c = (float *)third;
    switch (operation) {
    case ADD:
        for (int i = 0; i < i3; i++) c[i2 + i] = a[i0 + i] + b[i1 + i];
        break;
    case MULTIPLY:
        for (int i = 0; i < i3; i++) c[i2 + i] = a[i0 + i] * b[i1 + i];
        break;
    case SCALE:
        for (int i = 0; i < i3; i++) c[i2 + i] = a[i0 + i] * factor;
        break;
    case ADD_SCALED:
        for (int i = 0; i < i3; i++) c[i2 + i] = fmaf(a[i0 + i], factor, c[i2 + i]);
        break;
    case RESCALE_AND_ADD:
        for (int i = 0; i < i3; i++) c[i2 + i] = fmaf(c[i2 + i], factor, a[i0 + i]);
        break;
    case SQUARES:
        c[i2] = i4 == 16 ? squares(a + i0, i3, factor, 16)
                : i4 == 8 ? squares(a + i0, i3, factor, 8) : squares(a + i0, i3, factor, 4);
        break;
    case SILU:
        for (int i = 0; i < i3; i++) {
            float x = a[i0 + i];
            c[i2 + i] = x / (exponential(x * -factor) + 1.0f);
        }
        break;
    case GELU_TANH:
        for (int i = 0; i < i3; i++) {
            float x = a[i0 + i];
            float cubic = fmaf(x * x, 0.044715f, 1.0f);
            c[i2 + i] = x / (exponential(x * cubic * -1.5957691f) + 1.0f);
        }
        break;
    case PANELS:
        switch (i8 / LANES) {
        case 1: panels(a + i0, i1, i2, b + i3, i4, i5, 1, c + i6, i7); break;
        case 2: panels(a + i0, i1, i2, b + i3, i4, i5, 2, c + i6, i7); break;
#if LANES < 8
        case 4: panels(a + i0, i1, i2, b + i3, i4, i5, 4, c + i6, i7); break;
        case 8: panels(a + i0, i1, i2, b + i3, i4, i5, 8, c + i6, i7); break;
#endif
        }
        break;
    case WEIGH:
        if (i5 == 16) {
            weigh(c + i0, i1, i2, i3, factor, (float *)first + i4, 16);
        } else if (i5 == 8) {
            weigh(c + i0, i1, i2, i3, factor, (float *)first + i4, 8);
        } else {
            weigh(c + i0, i1, i2, i3, factor, (float *)first + i4, 4);
        }
        break;
    case TURN:
        for (int i = 0; i < i2; i++) {
            float x = c[i0 + i], y = c[i0 + i2 + i], cosine = a[i1 + i], sine = b[i1 + i];
            c[i0 + i] = x * cosine - y * sine;
            c[i0 + i2 + i] = y * cosine + x * sine;
        }
        break;
    case WIDEN:
        widen((const uint16_t *)first + i0, i3, c + i2);
        break;
    case NARROW:
        for (int i = 0; i < i3; i++) {
            float x = a[i0 + i];
            x = x < -MOST_HALF ? -MOST_HALF : x;
            x = x > MOST_HALF ? MOST_HALF : x;
            ((uint16_t *)third)[i2 + (int64_t)i * i4] = to_half(x);
        }
        break;
    case PLAIN:
        if (i0 == F32) {
            plain(F32, a + i1, i2, i3, (const uint32_t *)second, i4, i5, c + i6, i7);
        } else if (i0 == F16) {
            plain(F16, a + i1, i2, i3, (const uint32_t *)second, i4, i5, c + i6, i7);
        } else {
            plain(BF16, a + i1, i2, i3, (const uint32_t *)second, i4, i5, c + i6, i7);
        }
        break;
    }
}
