// Depthwise 3x3, stride 1, with sdot: a 32-bit lane is one channel's four neighbouring pixels, and the six cells of a
// filter row (tsr_pack.h) place the three weights so that one sdot gives a row's share of an output pixel. The pixels
// beside a group come from its neighbours: those of three rows are gathered in one lane, for one sdot a border.
// Four channels at a time, so that their 14 weight vectors stay in registers along the row.
#if defined(__aarch64__)

#include "../arm/requant.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

enum { CELLS = 6, CELL = TSR_CELL_BYTES };

TSR_ARM_INLINE uint32x4_t load(const int8_t *row, ptrdiff_t offset) {
    return vld1q_u32((const uint32_t *)(row + offset));
}

TSR_ARM_INLINE int32x4_t dot(int32x4_t acc, uint32x4_t pixels, uint32x4_t weights) {
    return vdotq_s32(acc, vreinterpretq_s8_u32(pixels), vreinterpretq_s8_u32(weights));
}

// (c3, ?, a3, b3): the last pixels of three rows.
TSR_ARM_INLINE uint32x4_t last_pixels(uint32x4_t a, uint32x4_t b, uint32x4_t c) {
    const uint8x16_t ab = vtrn2q_u8(vreinterpretq_u8_u32(a), vreinterpretq_u8_u32(b));
    return vsriq_n_u32(vreinterpretq_u32_u8(ab), c, 24);
}

// (a0, b0, c0, ?): the first.
TSR_ARM_INLINE uint32x4_t first_pixels(uint32x4_t a, uint32x4_t b, uint32x4_t c) {
    const uint8x16_t ab = vtrn1q_u8(vreinterpretq_u8_u32(a), vreinterpretq_u8_u32(b));
    return vsliq_n_u32(vreinterpretq_u32_u8(ab), c, 16);
}

// All rows of outputs of four channels. (args by value: what only points at them would be loaded again for every row.)
// offset: of their 16 bytes of group 0 in a row. out: their run of group 0.
TSR_ARM_INLINE void four_channels(
    const tsr_arm_range range, const tsr_depthwise3x3_args args, size_t offset, const uint8_t *block, int32_t quarter,
    const tsr_arm_output *o, const tsr_arm_small_output *small, uint8_t *first_out
) {
    const size_t group_stride = args.out_group_stride;
    const int32_t groups = args.out_groups;
    const int8_t *cells = (const int8_t *)block + TSR_PACK_HEADER_BYTES + 16 * quarter;
    const tsr_arm_fours fours = tsr_arm_fours_of(block, quarter, range);
    const float32x4_t m = vld1q_f32((const float *)(block + 64) + 4 * quarter);
    uint32x4_t w[3][CELLS];
    TSR_ARM_UNROLL
    for (int32_t i = 0; i < 3; i++) {
        TSR_ARM_UNROLL
        for (int32_t k = 0; k < CELLS; k++)
            w[i][k] = vld1q_u32((const uint32_t *)(cells + TSR_CELL_BYTES * (CELLS * i + k)));
    }
    // The taps beside a group, of three rows in one lane: (w0'', -, w0, w0') and (w2, w2', w2'', -).
    const uint32x4_t left = last_pixels(w[0][0], w[1][0], w[2][0]), right = first_pixels(w[0][5], w[1][5], w[2][5]);
    for (int32_t y = 0; y < args.out_rows; y++) {
        const int8_t *rows[3] = {
            (const int8_t *)args.rows[y] + offset,
            (const int8_t *)args.rows[y + 1] + offset,
            (const int8_t *)args.rows[y + 2] + offset,
        };
        uint8_t *out = first_out + (size_t)y * args.out_row_stride;
        uint32x4_t before = last_pixels(load(rows[0], -CELL), load(rows[1], -CELL), load(rows[2], -CELL));
        uint32x4_t here[3];
        TSR_ARM_UNROLL
        for (int32_t i = 0; i < 3; i++) {
            here[i] = load(rows[i], 0);
            rows[i] += CELL;
        }
        _Pragma("clang loop unroll_count(2)") for (int32_t g = 0; g < groups; g++) {
            int32x4_t acc[TSR_GROUP];
            TSR_ARM_LOAD_FOUR(int32x4_t, acc[0], acc[1], acc[2], acc[3], fours.start, 16, 17, 18, 19);
            TSR_ARM_UNROLL
            for (int32_t i = 0; i < 3; i++) {
                acc[0] = dot(acc[0], here[i], w[i][1]);
                acc[1] = dot(acc[1], here[i], w[i][2]);
                acc[2] = dot(acc[2], here[i], w[i][3]);
                acc[3] = dot(acc[3], here[i], w[i][4]);
            }
            acc[0] = dot(acc[0], before, left);
            before = last_pixels(here[0], here[1], here[2]);
            TSR_ARM_UNROLL
            for (int32_t i = 0; i < 3; i++) {
                here[i] = load(rows[i], 0);
                rows[i] += CELL;
                TSR_ARM_STEP(rows[i]);
            }
            acc[3] = dot(acc[3], first_pixels(here[0], here[1], here[2]), right);
            TSR_ARM_STORE_STEP(out, tsr_arm_group(range, acc, m, &fours, o, small), group_stride);
        }
    }
}

#define STRIDE 1
#define KERNEL tsr_depthwise3x3s1__neondot
#include "../arm/depthwise_dot_body.h"

#pragma clang attribute pop

#endif
