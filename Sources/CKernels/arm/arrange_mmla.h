// Inputs in the order in which smmla takes them, for kernels that meet the same pixels with many blocks of weights:
// done once, they cost one load of four registers for sixteen inputs of four pixels, and no permutation. Private to the
// kernels; include it where bytes_mmla.h is.
//
//   [tiles of two pairs of pixels][cells of eight inputs][2 pairs][2 pixels][8 inputs]
#ifndef TSR_ARM_ARRANGE_MMLA_H
#define TSR_ARM_ARRANGE_MMLA_H

#include "bytes_mmla.h"

enum { TSR_ARRANGED_CELL_BYTES = 32 };

// ---- from pixels: a tile is a group, its pairs (0, 2) and (1, 3), whose sums interleave to a quads cell ----

// Up to sixteen inputs of pixels px[2 h] and px[2 h + 1], of which `n` bytes are there.
TSR_ARM_INLINE void tsr_arrange_sixteen(const int32_t halves, const uint8_t *const px[4], int32_t n, uint8_t *out) {
    TSR_ARM_UNROLL
    for (int32_t h = 0; h < halves; h++) {
        const uint64x2_t a = vreinterpretq_u64_u8(tsr_arm_load_bytes(px[2 * h], n));
        const uint64x2_t b = vreinterpretq_u64_u8(tsr_arm_load_bytes(px[2 * h + 1], n));
        vst1q_u8(out + 16 * h, vreinterpretq_u8_u64(vzip1q_u64(a, b)));
        if (n > 8) vst1q_u8(out + 16 * (halves + h), vreinterpretq_u8_u64(vzip2q_u64(a, b)));
    }
}

TSR_ARM_INLINE void tsr_arrange_pixels(const int32_t halves, const uint8_t *px[4], int32_t runs, uint8_t *out) {
    for (; runs >= 4; runs -= 4, out += 32 * halves) {
        tsr_arrange_sixteen(halves, px, 16, out);
        TSR_ARM_UNROLL
        for (int32_t i = 0; i < 2 * halves; i++)
            px[i] += 16;
    }
    if (runs > 0) tsr_arrange_sixteen(halves, px, 4 * runs, out);
}

// A row of `width` pixels. A last group of one or two is one pair, (0, 1).
TSR_ARM_INLINE void tsr_arrange_row(const uint8_t *pixel, size_t stride, int32_t width, int32_t runs, uint8_t *out) {
    const size_t tile_bytes = (size_t)((runs + 1) / 2) * TSR_ARRANGED_CELL_BYTES;
    for (; runs == 4 && width >= TSR_GROUP; width -= TSR_GROUP, pixel += TSR_GROUP * stride, out += tile_bytes) {
        const uint8_t *px[4] = {pixel, pixel + 2 * stride, pixel + stride, pixel + 3 * stride};
        tsr_arrange_sixteen(2, px, 16, out);
    }
    for (; width >= 3; width -= TSR_GROUP, pixel += TSR_GROUP * stride, out += tile_bytes) {
        const uint8_t *px[4] = {pixel, pixel + 2 * stride, pixel + stride, pixel + (width > 3 ? 3 : 2) * stride};
        tsr_arrange_pixels(2, px, runs, out);
    }
    if (width > 0) {
        const uint8_t *px[4] = {pixel, pixel + (width > 1 ? stride : 0)};
        tsr_arrange_pixels(1, px, runs, out);
    }
}

// Small results with an even zero point into quads: one block of one such row, which moves on. (The rule by value: what
// only points at it would be loaded again after every byte stored.)
TSR_ARM_INLINE void tsr_arranged_row_of(
    const tsr_mmla_cells kind, const tsr_mmla_rule rule, const int8_t **in, int32_t cells, int32_t width,
    const uint8_t *block, const tsr_mmla_block *b, uint8_t *cell
) {
    const uint8_t *parts;
    for (uint32_t groups = (uint32_t)width / TSR_GROUP; groups != 0; groups--, cell += TSR_CELL_BYTES) {
        const tsr_mmla_tile t = tsr_mmla_tile_arranged(2, 32, kind, in, cells, block, b, &parts);
        tsr_mmla_store_small_cell(&t, parts, TSR_GROUP, &rule, cell);
    }
    const int32_t left = width % TSR_GROUP;
    if (left == 3) {
        const tsr_mmla_tile t = tsr_mmla_tile_arranged(2, 32, kind, in, cells, block, b, &parts);
        tsr_mmla_store_small_cell(&t, parts, 3, &rule, cell);
    } else if (left != 0) {
        const tsr_mmla_tile t = tsr_mmla_tile_arranged(1, 16, kind, in, cells, block, b, &parts);
        *in += 16 * (size_t)cells; // the other half of the tile's place
        if (left == 2) {
            tsr_mmla_store_small_cell(&t, parts, 2, &rule, cell);
        } else {
            tsr_mmla_store_small_cell(&t, parts, 1, &rule, cell);
        }
    }
}

TSR_ARM_INLINE void tsr_arranged_row(
    const tsr_mmla_cells kind, const tsr_mmla_rule rule, const int8_t **in, int32_t cells, int32_t width,
    const uint8_t *block, const tsr_mmla_block *b, uint8_t *cell
) {
    switch (kind) {
    case TSR_MMLA_TWO_CELLS:
        tsr_arranged_row_of(TSR_MMLA_TWO_CELLS, rule, in, cells, width, block, b, cell);
        break;
    case TSR_MMLA_FOUR_CELLS:
        tsr_arranged_row_of(TSR_MMLA_FOUR_CELLS, rule, in, cells, width, block, b, cell);
        break;
    case TSR_MMLA_FOURS_OF_CELLS:
        tsr_arranged_row_of(TSR_MMLA_FOURS_OF_CELLS, rule, in, cells, width, block, b, cell);
        break;
    case TSR_MMLA_ANY_CELLS:
        tsr_arranged_row_of(TSR_MMLA_ANY_CELLS, rule, in, cells, width, block, b, cell);
        break;
    }
}

// ---- from a panel with runs in fours: pairs are neighbours, and what is left of two rows ----

// `valid` (1..4, a constant) pixels of a group: the first two to `first`, the others to `second`; a single one takes
// eight bytes there. Both are the first cells of a pair.
TSR_ARM_INLINE void tsr_arrange_panel_group(
    const int32_t valid, const uint8_t *group, int32_t runs, uint8_t *first, uint8_t *second
) {
    for (; runs > 0; runs -= 4, group += 64, first += 64, second += 64) {
        const uint32x4_t a = vreinterpretq_u32_u8(vld1q_u8(group)), b = vreinterpretq_u32_u8(vld1q_u8(group + 16));
        const uint32x4_t c = vreinterpretq_u32_u8(vld1q_u8(group + 32)), d = vreinterpretq_u32_u8(vld1q_u8(group + 48));
        const uint8x16_t low[2] = {vreinterpretq_u8_u32(vzip1q_u32(a, b)), vreinterpretq_u8_u32(vzip1q_u32(c, d))};
        const uint8x16_t high[2] = {vreinterpretq_u8_u32(vzip2q_u32(a, b)), vreinterpretq_u8_u32(vzip2q_u32(c, d))};
        TSR_ARM_UNROLL
        for (int32_t i = 0; i < 2; i++) {
            uint8_t *to = first + TSR_ARRANGED_CELL_BYTES * i, *then = second + TSR_ARRANGED_CELL_BYTES * i;
            if (valid == 1) vst1_u8(to, vget_low_u8(low[i]));
            if (valid >= 2) vst1q_u8(to, low[i]);
            if (valid == 3) vst1_u8(then, vget_low_u8(high[i]));
            if (valid == 4) vst1q_u8(then, high[i]);
        }
    }
}

enum { TSR_ARRANGED_PAIRS = 512, TSR_ARRANGED_BYTES = 32768 };

// Rows of a panel, and where their pixels' results go.
typedef struct tsr_arranged_panel {
    int32_t pairs;
    size_t at[2 * TSR_ARRANGED_PAIRS]; // offset in the output of each pixel of each pair
    uint8_t bytes[TSR_ARRANGED_BYTES];
} tsr_arranged_panel;

static inline size_t tsr_arranged_tile_bytes(int32_t runs) { return (size_t)runs / 2 * TSR_ARRANGED_CELL_BYTES; }

// How many rows fit; 0: not one.
static inline int32_t tsr_arranged_rows(const tsr_pixels *in) {
    const int32_t tiles = (int32_t)(TSR_ARRANGED_BYTES / tsr_arranged_tile_bytes(in->runs));
    const int32_t pairs = 2 * tiles < TSR_ARRANGED_PAIRS ? 2 * tiles : TSR_ARRANGED_PAIRS;
    return pairs / ((in->width + 1) / 2);
}

// The first cell of pair `i`.
static inline uint8_t *tsr_arranged_pair(tsr_arranged_panel *to, int32_t i, size_t tile_bytes) {
    return to->bytes + (size_t)(i / 2) * tile_bytes + (size_t)(i % 2) * 16;
}

static inline __attribute__((unused)) void tsr_arrange_panel(
    const tsr_pixels *in, int32_t first_row, int32_t rows, size_t out_row_stride, size_t out_pixel_stride,
    tsr_arranged_panel *to
) {
    const size_t tile_bytes = tsr_arranged_tile_bytes(in->runs);
    int32_t pairs = 0, single = -1; // the pair that still lacks its second pixel
    for (int32_t r = first_row; r < first_row + rows; r++) {
        const uint8_t *group = in->data + (size_t)r * in->row_stride;
        size_t at = (size_t)r * out_row_stride;
        for (int32_t left = in->width; left > 0; left -= TSR_GROUP, group += in->group_stride) {
            const int32_t valid = left < TSR_GROUP ? left : TSR_GROUP;
            for (int32_t p = 0; p < (valid & ~1); p++, at += out_pixel_stride)
                to->at[2 * pairs + p] = at;
            uint8_t *first = tsr_arranged_pair(to, pairs, tile_bytes);
            uint8_t *second = tsr_arranged_pair(to, pairs + 1, tile_bytes);
            pairs += valid / 2;
            uint8_t *half = NULL;
            if (valid % 2 != 0) {
                const bool is_new = single < 0;
                if (is_new) single = pairs++;
                half = tsr_arranged_pair(to, single, tile_bytes) + (is_new ? 0 : 8);
                to->at[2 * single + 1] = at;
                if (is_new) to->at[2 * single] = at;
                if (!is_new) single = -1;
            }
            if (valid == 4) tsr_arrange_panel_group(4, group, in->runs, first, second);
            if (valid == 3) tsr_arrange_panel_group(3, group, in->runs, first, half);
            if (valid == 2) tsr_arrange_panel_group(2, group, in->runs, first, first);
            if (valid == 1) tsr_arrange_panel_group(1, group, in->runs, half, half);
        }
    }
    to->pairs = pairs;
    if (single < 0) return;
    // The last one is its own partner: the same bytes are stored twice.
    uint8_t *pair = tsr_arranged_pair(to, single, tile_bytes);
    for (int32_t cell = 0; cell < in->runs / 2; cell++, pair += TSR_ARRANGED_CELL_BYTES)
        memcpy(pair + 8, pair, 8);
}

#endif
