// Depthwise 3x3, stride 2, with sdot: a 32-bit lane is one channel's four neighbouring pixels, which hold the centres
// of two outputs; the three cells of a filter row (tsr_pack.h) place the weights for the even and the odd one.
// Four channels at a time, so that their 9 weight vectors stay in registers along the row.
#if defined(__aarch64__)

#include "../arm/requant.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

enum { CELLS = 3 };

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
    int8x16_t w[3][CELLS];
    TSR_ARM_UNROLL
    for (int32_t i = 0; i < 3; i++) {
        TSR_ARM_UNROLL
        for (int32_t k = 0; k < CELLS; k++)
            w[i][k] = vld1q_s8(cells + TSR_CELL_BYTES * (CELLS * i + k));
    }
    for (int32_t y = 0; y < args.out_rows; y++) {
        const int8_t *rows[3] = {
            (const int8_t *)args.rows[2 * y] + offset,
            (const int8_t *)args.rows[2 * y + 1] + offset,
            (const int8_t *)args.rows[2 * y + 2] + offset,
        };
        uint8_t *out = first_out + (size_t)y * args.out_row_stride;
        int8x16_t before[3];
        TSR_ARM_UNROLL
        for (int32_t i = 0; i < 3; i++) {
            before[i] = vld1q_s8(rows[i] - TSR_CELL_BYTES);
            rows[i] += TSR_CELL_BYTES;
        }
        _Pragma("clang loop unroll_count(2)") for (int32_t g = 0; g < groups; g++) {
            int32x4_t acc[TSR_GROUP];
            TSR_ARM_LOAD_FOUR(int32x4_t, acc[0], acc[1], acc[2], acc[3], fours.start, 16, 17, 18, 19);
            TSR_ARM_UNROLL
            for (int32_t i = 0; i < 3; i++) {
                const int8x16_t first = vld1q_s8(rows[i] - TSR_CELL_BYTES), second = vld1q_s8(rows[i]);
                rows[i] += 2 * TSR_CELL_BYTES;
                TSR_ARM_STEP(rows[i]);
                acc[0] = vdotq_s32(acc[0], before[i], w[i][0]);
                acc[1] = vdotq_s32(acc[1], first, w[i][2]);
                acc[2] = vdotq_s32(acc[2], first, w[i][0]);
                acc[3] = vdotq_s32(acc[3], second, w[i][2]);
                acc[0] = vdotq_s32(acc[0], first, w[i][1]);
                acc[2] = vdotq_s32(acc[2], second, w[i][1]);
                before[i] = second;
            }
            TSR_ARM_STORE_STEP(out, tsr_arm_group(range, acc, m, &fours, o, small), group_stride);
        }
    }
}

#define STRIDE 2
#define KERNEL tsr_depthwise3x3s2__neondot
#include "../arm/depthwise_dot_body.h"

#pragma clang attribute pop

#endif
