// What becomes of the ARMv8.0 tiles in a quads layout: sums to bytes, two tiles to a cell, cells to a row. Private to
// the kernels.
#ifndef TSR_ARM_CELLS_MULL_H
#define TSR_ARM_CELLS_MULL_H

#include "tile_mull.h"

// Where the two pixels of half `half` (0 or 1) of a group of `valid` lie; a missing one repeats the one before it.
TSR_ARM_INLINE void tsr_mull_half_at(
    const uint8_t *group, size_t pixel_stride, int32_t half, int32_t valid, const uint8_t *ret_in[TSR_MULL_PIXELS]
) {
    ret_in[0] = group + (size_t)(TSR_MULL_PIXELS * half) * pixel_stride;
    ret_in[1] = ret_in[0] + (TSR_MULL_PIXELS * half + 1 < valid ? pixel_stride : 0);
}

// A group's four pixels as one quads cell; slots from `valid` on hold the zero point. Small results, even zero point.
TSR_ARM_INLINE void tsr_mull_small_cell(
    const bool is_panel, const bool is_even, const uint8_t *group, size_t pixel_stride, int32_t runs,
    const uint8_t *block, const tsr_mull_block *b, const int32_t valid, const tsr_mull_rule *rule, uint8_t *cell
) {
    const float *multiplier = (const float *)(block + 64);
    uint8x16_t halves[2][2]; // [first or second two pixels][8 channels], channel by channel
    TSR_ARM_UNROLL
    for (int32_t half = 0; half < 2; half++) {
        if (half > 0 && valid <= TSR_MULL_PIXELS) {
            halves[1][0] = halves[0][0], halves[1][1] = halves[0][1];
            break;
        }
        const uint8_t *in[TSR_MULL_PIXELS];
        tsr_mull_half_at(group, pixel_stride, half, valid, in);
        tsr_mull_tile t;
        if (valid - TSR_MULL_PIXELS * half == 1) {
            t = tsr_mull_tile_of(1, is_panel, is_even, in, runs, block, b);
            memcpy(t.acc[1], t.acc[0], sizeof t.acc[1]);
        } else {
            t = tsr_mull_tile_of(TSR_MULL_PIXELS, is_panel, is_even, in, runs, block, b);
        }
        float32x4_t x[4], y[4];
        int16x8_t pairs[4];
        TSR_ARM_LOAD_FOUR(float32x4_t, x[0], x[1], x[2], x[3], b->addend, 0, 1, 2, 3);
        TSR_ARM_LOAD_FOUR(float32x4_t, y[0], y[1], y[2], y[3], b->addend, 4, 5, 6, 7);
        TSR_ARM_UNROLL
        for (int32_t q = 0; q < 4; q++) {
            const float32x4_t m = vld1q_f32(multiplier + 4 * q);
            x[q] = tsr_arm_small_scale(tsr_mull_quarter(&t, 0, q), x[q], m);
            y[q] = tsr_arm_small_scale(tsr_mull_quarter(&t, 1, q), y[q], m);
            pairs[q] = tsr_arm_small_two_pixels(x[q], y[q], &rule->small);
        }
        TSR_ARM_UNROLL
        for (int32_t i = 0; i < 2; i++) {
            halves[half][i] = vreinterpretq_u8_s8(vqmovn_high_s16(vqmovn_s16(pairs[2 * i]), pairs[2 * i + 1]));
            TSR_ARM_NOW(halves[half][i]);
        }
    }
    TSR_ARM_UNROLL
    for (int32_t i = 0; i < 2; i++) {
        const uint16x8_t first = vreinterpretq_u16_u8(halves[0][i]), second = vreinterpretq_u16_u8(halves[1][i]);
        if (valid == TSR_GROUP) {
            const uint16x8x2_t both = {{first, second}};
            vst2q_u16((uint16_t *)(cell + 32 * i), both);
            continue;
        }
        const uint8x16_t keep = tsr_arm_keep(valid), rest = rule->general.zero_point;
        vst1q_u8(cell + 32 * i, vbslq_u8(keep, vreinterpretq_u8_u16(vzip1q_u16(first, second)), rest));
        vst1q_u8(cell + 32 * i + 16, vbslq_u8(keep, vreinterpretq_u8_u16(vzip2q_u16(first, second)), rest));
    }
}

// The same for any results.
TSR_ARM_INLINE void tsr_mull_cell(
    const bool is_panel, const uint8_t *group, size_t pixel_stride, int32_t runs, const uint8_t *block,
    const tsr_mull_block *b, int32_t valid, const tsr_mull_rule *rule, uint8_t *cell
) {
    const float *multiplier = (const float *)(block + 64);
    const tsr_arm_output *o = &rule->general;
    uint8_t pairs[2][TSR_CELL_BYTES]; // [first or second two pixels]: their bytes in the low half of each lane
    if (valid <= TSR_MULL_PIXELS) memset(pairs[1], 0, sizeof pairs[1]);
    _Pragma("clang loop unroll(disable)") for (int32_t half = 0; half < (valid + 1) / TSR_MULL_PIXELS; half++) {
        const uint8_t *in[TSR_MULL_PIXELS];
        tsr_mull_half_at(group, pixel_stride, half, valid, in);
        const tsr_mull_tile t = tsr_mull_tile_of(TSR_MULL_PIXELS, is_panel, /* is_even= */ false, in, runs, block, b);
        TSR_ARM_UNROLL
        for (int32_t q = 0; q < 4; q++) {
            const float32x4_t m = vld1q_f32(multiplier + 4 * q);
            const uint8x16_t first = tsr_arm_requantize(tsr_mull_quarter(&t, 0, q), m, o, TSR_ARM_CONVERT);
            const uint8x16_t second = tsr_arm_requantize(tsr_mull_quarter(&t, 1, q), m, o, TSR_ARM_CONVERT);
            vst1q_u8(pairs[half] + 16 * q, vtrn1q_u8(first, second));
        }
    }
    const uint8x16_t keep = tsr_arm_keep(valid);
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        const uint16x8_t first = vreinterpretq_u16_u8(vld1q_u8(pairs[0] + 16 * q));
        const uint16x8_t second = vreinterpretq_u16_u8(vld1q_u8(pairs[1] + 16 * q));
        const uint8x16_t bytes = vaddq_u8(vreinterpretq_u8_u16(vtrn1q_u16(first, second)), o->zero_point);
        vst1q_u8(cell + 16 * q, vbslq_u8(keep, bytes, o->zero_point));
    }
}

// A row of `in`, whose first group is `group`, as cells. (Rules by value: what only points at them would be loaded
// again after every byte stored.)
TSR_ARM_INLINE void tsr_mull_cells(
    const bool is_small, const bool is_panel, const bool is_even, const tsr_mull_rule rule, const tsr_pixels in,
    const uint8_t *group, const uint8_t *block, const tsr_mull_block *b, uint8_t *cell
) {
    for (uint32_t groups = (uint32_t)in.width / TSR_GROUP; groups != 0; groups--) {
        if (is_small) {
            tsr_mull_small_cell(is_panel, is_even, group, in.pixel_stride, in.runs, block, b, TSR_GROUP, &rule, cell);
        } else {
            tsr_mull_cell(is_panel, group, in.pixel_stride, in.runs, block, b, TSR_GROUP, &rule, cell);
        }
        group += in.group_stride;
        cell += TSR_CELL_BYTES;
    }
    const int32_t rest = in.width % TSR_GROUP;
    if (rest == 0) return;
    if (is_small && rest == 3) {
        tsr_mull_small_cell(is_panel, is_even, group, in.pixel_stride, in.runs, block, b, 3, &rule, cell);
    } else if (is_small && rest == 2) {
        tsr_mull_small_cell(is_panel, is_even, group, in.pixel_stride, in.runs, block, b, 2, &rule, cell);
    } else if (is_small) {
        tsr_mull_small_cell(is_panel, is_even, group, in.pixel_stride, in.runs, block, b, 1, &rule, cell);
    } else {
        tsr_mull_cell(is_panel, group, in.pixel_stride, in.runs, block, b, rest, &rule, cell);
    }
}

#endif
