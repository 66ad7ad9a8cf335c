// Depthwise 3x3, stride 2, with sdot: a 32-bit lane is one channel's four neighbouring pixels, which hold the centres
// of two outputs; the three cells of a filter row (tsr_pack.h) place the weights for the even and the odd one.
// Four channels at a time, so that their 9 weight vectors stay in registers along the row.
#if defined(__aarch64__)

#include "../arm/requant.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

enum { CELLS = 3 };

// One row of outputs of four channels. rows: their 16 bytes of group 0. out: their run of group 0.
TSR_ARM_INLINE void row_of_four_channels(
    const int8_t *const rows[3], int32_t groups, const uint8_t *block, int32_t quarter, const tsr_arm_output *o,
    uint8_t *out, size_t group_stride
) {
    const int8_t *cells = (const int8_t *)block + TSR_PACK_HEADER_BYTES + 16 * quarter;
    const int32x4_t bias = vld1q_s32((const int32_t *)block + 4 * quarter);
    const float32x4_t m = vld1q_f32((const float *)(block + 64) + 4 * quarter);
    int8x16_t w[3][CELLS];
    TSR_ARM_UNROLL
    for (int32_t i = 0; i < 3; i++) {
        TSR_ARM_UNROLL
        for (int32_t k = 0; k < CELLS; k++)
            w[i][k] = vld1q_s8(cells + TSR_CELL_BYTES * (CELLS * i + k));
    }
    for (int32_t g = 0; g < groups; g++, out += group_stride) {
        int32x4_t acc[TSR_GROUP] = {bias, bias, bias, bias};
        TSR_ARM_UNROLL
        for (int32_t i = 0; i < 3; i++) {
            const int8_t *at = rows[i] + (ptrdiff_t)g * 2 * TSR_CELL_BYTES;
            const int8x16_t before = vld1q_s8(at - TSR_CELL_BYTES), first = vld1q_s8(at);
            const int8x16_t second = vld1q_s8(at + TSR_CELL_BYTES);
            acc[0] = vdotq_s32(acc[0], before, w[i][0]);
            acc[1] = vdotq_s32(acc[1], first, w[i][2]);
            acc[2] = vdotq_s32(acc[2], first, w[i][0]);
            acc[3] = vdotq_s32(acc[3], second, w[i][2]);
            acc[0] = vdotq_s32(acc[0], first, w[i][1]);
            acc[2] = vdotq_s32(acc[2], second, w[i][1]);
        }
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

void tsr_depthwise3x3s2__neondot(const tsr_depthwise3x3_args *args) {
    const size_t block_bytes = tsr_depthwise3x3_block_bytes(TSR_PACKING_DOT4, 2);
    const size_t group_stride = args->out_group_stride;
    const tsr_arm_output o = tsr_arm_output_of(args->output);
    for (int32_t b = 0; b < args->blocks; b++) {
        const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
        for (int32_t y = 0; y < args->out_rows; y++) {
            for (int32_t quarter = 0; quarter < 4; quarter++) {
                const size_t at = (size_t)b * args->block_stride + 16 * (size_t)quarter;
                const int8_t *const rows[3] = {
                    (const int8_t *)args->rows[2 * y] + at,
                    (const int8_t *)args->rows[2 * y + 1] + at,
                    (const int8_t *)args->rows[2 * y + 2] + at,
                };
                uint8_t *out =
                    args->out + (size_t)y * args->out_row_stride + (size_t)b * TSR_CELL_BYTES + 16 * (size_t)quarter;
                row_of_four_channels(rows, args->out_groups, block, quarter, &o, out, group_stride);
            }
        }
    }
}

#pragma clang attribute pop

#endif
