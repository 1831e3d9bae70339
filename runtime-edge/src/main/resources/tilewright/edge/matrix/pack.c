/*
 * Brings stored rows into the order of PanelLayout.java, as PanelPacker.java and BlockPacker.java do, to the byte.
 *
 * Written with the compiler's own vectors, for any little-endian processor: a vector is one word each of four rows (of 16
 * with 512 bits), made by turning 16 bytes of each. Where a panel takes several such sets of rows, a piece of each comes in
 * turn, so that the panel's lines are still in the cache when their last part is written.
 */
#include "pack-rows.h"
#include "pack-blocks.h"

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
