/* What packed weights and rounded activations are to the kernels; see PanelLayout.java and ByteActivations.java. */
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
