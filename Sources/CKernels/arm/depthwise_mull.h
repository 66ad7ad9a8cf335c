// Depthwise 3x3 of the ARMv8.0 kernels, for both strides. Private.
//
// Without a dot product, lanes are channels: cells are first turned into rows of [pixel][16 channels] in a scratch of
// three rows, each input row once, in chunks of groups so that the scratch is small whatever the width. Then each
// output pixel is nine multiplies of 16 channels. Two products share a 16-bit lane (2 * 128 * 127 fits, three do not),
// the ninth has its own, and the five 16-bit sums are added to the bias in 32 bits.
#ifndef TSR_ARM_DEPTHWISE_MULL_H
#define TSR_ARM_DEPTHWISE_MULL_H

#include "requant.h"
#include "tsr_kernels.h"

enum {
    TSR_DW_TAPS = 9,
    TSR_DW_CHUNK = 16, // input groups converted at a time, without the two neighbours
    TSR_DW_ROW_BYTES = (TSR_DW_CHUNK + 2) * TSR_CELL_BYTES,
};

// The nine taps of a block, 16 channels each, from the cells that hold (0, w0, w1, w2).
TSR_ARM_INLINE void tsr_dw_taps(const uint8_t *block, int32_t cells_per_row, int32_t cell, int8x16_t w[TSR_DW_TAPS]) {
    TSR_ARM_UNROLL
    for (int32_t i = 0; i < 3; i++) {
        const uint8_t *at = block + TSR_PACK_HEADER_BYTES + (size_t)(cells_per_row * i + cell) * TSR_CELL_BYTES;
        const int8x16x4_t taps = vld4q_s8((const int8_t *)at);
        TSR_ARM_UNROLL
        for (int32_t j = 0; j < 3; j++)
            w[3 * i + j] = taps.val[1 + j];
    }
}

// `groups` cells into [pixel][16 channels].
TSR_ARM_INLINE void tsr_dw_convert(const uint8_t *cells, int32_t groups, int8_t *scratch) {
    for (int32_t g = 0; g < groups; g++, cells += TSR_CELL_BYTES, scratch += TSR_CELL_BYTES) {
        const int8x16x4_t pixels = vld4q_s8((const int8_t *)cells);
        TSR_ARM_UNROLL
        for (int32_t p = 0; p < TSR_GROUP; p++)
            vst1q_s8(scratch + TSR_BLOCK * p, pixels.val[p]);
    }
}

// acc += two 16-bit sums' worth of eight channels.
TSR_ARM_INLINE void tsr_dw_add(int32x4_t acc[2], int16x8_t sum) {
    acc[0] = vaddw_s16(acc[0], vget_low_s16(sum));
    acc[1] = vaddw_high_s16(acc[1], sum);
}

// One output pixel of 16 channels; rows[i] points at the left tap.
TSR_ARM_INLINE uint8x16_t tsr_dw_pixel(
    const bool is_small, const int8_t *const rows[3], const int8x16_t w[TSR_DW_TAPS], const uint8_t *block,
    const tsr_arm_small *s, const tsr_arm_output *o, const tsr_arm_small_output *small
) {
    int8x16_t d[TSR_DW_TAPS];
    TSR_ARM_UNROLL
    for (int32_t k = 0; k < TSR_DW_TAPS; k++)
        d[k] = vld1q_s8(rows[k / 3] + TSR_BLOCK * (k % 3));
    int32x4_t acc[4];
    const int32_t *start = is_small ? s->start : (const int32_t *)block;
    TSR_ARM_LOAD_FOUR(int32x4_t, acc[0], acc[1], acc[2], acc[3], start, 16, 17, 18, 19);
    TSR_ARM_UNROLL
    for (int32_t k = 0; k + 1 < TSR_DW_TAPS; k += 2) {
        int16x8_t low = vmull_s8(vget_low_s8(d[k]), vget_low_s8(w[k])), high = vmull_high_s8(d[k], w[k]);
        low = vmlal_s8(low, vget_low_s8(d[k + 1]), vget_low_s8(w[k + 1]));
        high = vmlal_high_s8(high, d[k + 1], w[k + 1]);
        tsr_dw_add(acc, low);
        tsr_dw_add(acc + 2, high);
    }
    tsr_dw_add(acc, vmull_s8(vget_low_s8(d[8]), vget_low_s8(w[8])));
    tsr_dw_add(acc + 2, vmull_high_s8(d[8], w[8]));
    const float *m = (const float *)(block + 64);
    if (is_small) {
        float32x4_t x[4];
        TSR_ARM_LOAD_FOUR(float32x4_t, x[0], x[1], x[2], x[3], s->addend, 20, 21, 22, 23);
        TSR_ARM_UNROLL
        for (int32_t q = 0; q < 4; q++)
            x[q] = tsr_arm_small_scale(acc[q], x[q], vld1q_f32(m + 4 * q));
        return tsr_arm_small_in_order(x[0], x[1], x[2], x[3], small, /* with_odd= */ false);
    }
    return tsr_arm_in_order(
        tsr_arm_requantize(acc[0], vld1q_f32(m), o, TSR_ARM_CONVERT),
        tsr_arm_requantize(acc[1], vld1q_f32(m + 4), o, TSR_ARM_CONVERT),
        tsr_arm_requantize(acc[2], vld1q_f32(m + 8), o, TSR_ARM_CONVERT),
        tsr_arm_requantize(acc[3], vld1q_f32(m + 12), o, TSR_ARM_CONVERT), o
    );
}

// Four pixels of 16 channels into four panel runs.
TSR_ARM_INLINE void tsr_dw_store_group(const uint8x16_t pixels[TSR_GROUP], uint8_t *out) {
    const uint32x4x4_t runs = {{
        vreinterpretq_u32_u8(pixels[0]),
        vreinterpretq_u32_u8(pixels[1]),
        vreinterpretq_u32_u8(pixels[2]),
        vreinterpretq_u32_u8(pixels[3]),
    }};
    vst4q_u32((uint32_t *)out, runs);
}

// The whole layer; stride (1 or 2), cells_per_row and cell (of the taps) are constants.
TSR_ARM_INLINE void tsr_dw_layer(
    const bool is_small, const tsr_depthwise3x3_args *args, const int32_t stride, const int32_t cells_per_row,
    const int32_t cell
) {
    const size_t block_bytes = tsr_depthwise3x3_block_bytes(TSR_PACKING_DOT4, stride);
    const tsr_arm_output o = tsr_arm_output_of(args->output);
    const tsr_arm_small_output small = tsr_arm_small_output_of(args->output);
    const int32_t out_chunk = TSR_DW_CHUNK / stride, rows_per_step = stride;
    int8_t scratch[3][TSR_DW_ROW_BYTES];
    for (int32_t b = 0; b < args->blocks; b++) {
        const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
        const tsr_arm_small s = tsr_arm_small_of(block);
        int8x16_t w[TSR_DW_TAPS];
        tsr_dw_taps(block, cells_per_row, cell, w);
        for (int32_t first = 0; first < args->out_groups; first += out_chunk) {
            const int32_t groups = args->out_groups - first < out_chunk ? args->out_groups - first : out_chunk;
            // Cells stride * first - 1 and on; stride 1 needs the one behind the chunk too.
            const int32_t cells = stride * groups + (stride == 1 ? 2 : 1);
            const ptrdiff_t start =
                (ptrdiff_t)b * (ptrdiff_t)args->block_stride + ((ptrdiff_t)stride * first - 1) * TSR_CELL_BYTES;
            int32_t converted = 0;
            for (int32_t y = 0; y < args->out_rows; y++) {
                for (const int32_t end = y * rows_per_step + 3; converted < end; converted++) {
                    tsr_dw_convert(args->rows[converted] + start, cells, scratch[converted % 3]);
                }
                uint8_t *out = args->out + (size_t)y * args->out_row_stride + (size_t)first * args->out_group_stride +
                               (size_t)b * TSR_CELL_BYTES;
                for (int32_t g = 0; g < groups; g++, out += args->out_group_stride) {
                    uint8x16_t pixels[TSR_GROUP];
                    _Pragma("clang loop unroll(disable)") for (int32_t p = 0; p < TSR_GROUP; p++) {
                        const int32_t left = TSR_GROUP + stride * (TSR_GROUP * g + p) - 1; // pixel in the scratch row
                        const int8_t *const rows[3] = {
                            scratch[(y * stride) % 3] + TSR_BLOCK * left,
                            scratch[(y * stride + 1) % 3] + TSR_BLOCK * left,
                            scratch[(y * stride + 2) % 3] + TSR_BLOCK * left,
                        };
                        pixels[p] = tsr_dw_pixel(is_small, rows, w, block, &s, &o, &small);
                    }
                    tsr_dw_store_group(pixels, out);
                }
            }
        }
    }
}

#endif
