// Depthwise 3x3, stride 2, with sdot: a 32-bit lane is one channel's four neighbouring pixels, which hold the centres
// of two outputs; the three cells of a filter row (tsr_pack.h) place the weights for the even and the odd one.
// Four channels at a time, so that their 9 weight vectors stay in registers along the row.
#if defined(__aarch64__)

#include "../arm/requant.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

enum { CELLS = 3 };

// All rows of outputs of four channels. offset: of their 16 bytes of group 0 in a row. out: their run of group 0.
TSR_ARM_INLINE void four_channels(
    const bool is_small, const tsr_depthwise3x3_args *args, size_t offset, const uint8_t *block, int32_t quarter,
    const tsr_arm_output *o, const tsr_arm_small_output *small, uint8_t *first_out
) {
    const size_t group_stride = args->out_group_stride;
    const int32_t groups = args->out_groups;
    const int8_t *cells = (const int8_t *)block + TSR_PACK_HEADER_BYTES + 16 * quarter;
    const tsr_arm_pairs pairs = tsr_arm_pairs_of(block, quarter, is_small);
    const float32x4_t m = vld1q_f32((const float *)(block + 64) + 4 * quarter);
    int8x16_t w[3][CELLS];
    TSR_ARM_UNROLL
    for (int32_t i = 0; i < 3; i++) {
        TSR_ARM_UNROLL
        for (int32_t k = 0; k < CELLS; k++)
            w[i][k] = vld1q_s8(cells + TSR_CELL_BYTES * (CELLS * i + k));
    }
    for (int32_t y = 0; y < args->out_rows; y++) {
        const int8_t *const rows[3] = {
            (const int8_t *)args->rows[2 * y] + offset,
            (const int8_t *)args->rows[2 * y + 1] + offset,
            (const int8_t *)args->rows[2 * y + 2] + offset,
        };
        uint8_t *out = first_out + (size_t)y * args->out_row_stride;
        for (int32_t g = 0; g < groups; g++, out += group_stride) {
            const ptrdiff_t at = (ptrdiff_t)g * 2 * TSR_CELL_BYTES;
            int32x4_t acc[TSR_GROUP];
            TSR_ARM_LOAD_PAIR(acc[0], acc[1], &pairs, 0);
            TSR_ARM_LOAD_PAIR(acc[2], acc[3], &pairs, 0);
            TSR_ARM_UNROLL
            for (int32_t i = 0; i < 3; i++) {
                const int8x16_t before = vld1q_s8(rows[i] + at - TSR_CELL_BYTES), first = vld1q_s8(rows[i] + at);
                const int8x16_t second = vld1q_s8(rows[i] + at + TSR_CELL_BYTES);
                acc[0] = vdotq_s32(acc[0], before, w[i][0]);
                acc[1] = vdotq_s32(acc[1], first, w[i][2]);
                acc[2] = vdotq_s32(acc[2], first, w[i][0]);
                acc[3] = vdotq_s32(acc[3], second, w[i][2]);
                acc[0] = vdotq_s32(acc[0], first, w[i][1]);
                acc[2] = vdotq_s32(acc[2], second, w[i][1]);
            }
            if (is_small) {
                vst1q_u8(out, tsr_arm_small_group(acc, m, &pairs, small));
            } else {
                vst1q_u8(
                    out, tsr_arm_in_order(
                             tsr_arm_requantize(acc[0], m, o, TSR_ARM_ADD_MAGIC),
                             tsr_arm_requantize(acc[1], m, o, TSR_ARM_ADD_MAGIC),
                             tsr_arm_requantize(acc[2], m, o, TSR_ARM_ADD_MAGIC),
                             tsr_arm_requantize(acc[3], m, o, TSR_ARM_ADD_MAGIC), o
                         )
                );
            }
        }
    }
}

void tsr_depthwise3x3s2__neondot(const tsr_depthwise3x3_args *args) {
    const size_t block_bytes = tsr_depthwise3x3_block_bytes(TSR_PACKING_DOT4, 2);
    const bool is_small = tsr_arm_is_small_and_even(args->output);
    const tsr_arm_output o = tsr_arm_output_of(args->output);
    const tsr_arm_small_output small = tsr_arm_small_output_of(args->output);
    for (int32_t b = 0; b < args->blocks; b++) {
        const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
        for (int32_t quarter = 0; quarter < 4; quarter++) {
            const size_t offset = (size_t)b * args->block_stride + 16 * (size_t)quarter;
            uint8_t *out = args->out + (size_t)b * TSR_CELL_BYTES + 16 * (size_t)quarter;
            if (is_small) {
                four_channels(true, args, offset, block, quarter, &o, &small, out);
            } else {
                four_channels(false, args, offset, block, quarter, &o, &small, out);
            }
        }
    }
}

#pragma clang attribute pop

#endif
