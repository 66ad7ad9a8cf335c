// The register tile of the ARMv8.0 kernels: 1 or 2 pixels x 16 output channels, fed from DOT4 cells. Private.
//
// A pixel's run of four bytes, repeated over a register, meets a cell's quarter (4 channels x 4 inputs): smull and
// smull2 give 8 products each, smlal adds those of a second run in the same 16-bit lanes, and sadalp adds neighbouring
// lanes into 32 bits. So a channel owns two lanes of an accumulator until the end.
// Exact: two products are at most 2 * 128 * 127 = 32512, because weights lie in [-127, 127]. A third would not fit.
// 16 accumulators for 2 pixels; per two runs 8 loads of weights and 4 of pixels for 32 multiplies, which is what bounds
// Cortex-A72 (one a cycle).
#ifndef TSR_ARM_TILE_MULL_H
#define TSR_ARM_TILE_MULL_H

#include "requant.h"
#include "tsr_pack.h"

enum { TSR_MULL_PIXELS = 2, TSR_MULL_PAIRS = 8 };

// [pixel][pair of channels]: channel, channel, next channel, next channel.
typedef struct tsr_mull_tile {
    int32x4_t acc[TSR_MULL_PIXELS][TSR_MULL_PAIRS];
} tsr_mull_tile;

// Bias of a block in the form of the accumulators: in the first lane of the channel's two.
typedef struct tsr_mull_bias {
    int32x4_t pair[TSR_MULL_PAIRS];
} tsr_mull_bias;

TSR_ARM_INLINE tsr_mull_bias tsr_mull_bias_of(const uint8_t *block) {
    tsr_mull_bias bias;
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        const int32x4_t b = vld1q_s32((const int32_t *)block + 4 * q), zero = vdupq_n_s32(0);
        bias.pair[2 * q] = vzip1q_s32(b, zero);
        bias.pair[2 * q + 1] = vzip2q_s32(b, zero);
    }
    return bias;
}

TSR_ARM_INLINE int8x16_t tsr_mull_repeat4(const uint8_t *p) {
    int8x16_t a = vreinterpretq_s8_u32(vdupq_n_u32(tsr_arm_load4(p)));
    // Hides that both halves are equal: clang would trade each smull2 for a smull and a move of the weights' high half.
    __asm__("" : "+w"(a));
    return a;
}

// The accumulators of `pixels` (1 or 2, a constant) over all runs; pixel p's run r lies at in[p] + r * run_stride.
TSR_ARM_INLINE tsr_mull_tile tsr_mull_tile_of(
    const int32_t pixels, const uint8_t *const in[TSR_MULL_PIXELS], size_t run_stride, int32_t runs,
    const uint8_t *block, const tsr_mull_bias *bias
) {
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    const uint8_t *from[TSR_MULL_PIXELS];
    tsr_mull_tile t;
    TSR_ARM_RELOAD(bias);
    TSR_ARM_UNROLL
    for (int32_t p = 0; p < pixels; p++) {
        from[p] = in[p];
        TSR_ARM_UNROLL
        for (int32_t i = 0; i < TSR_MULL_PAIRS; i++)
            t.acc[p][i] = bias->pair[i];
    }
    for (; runs >= 2; runs -= 2, cell += 2 * TSR_CELL_BYTES) {
        int8x16_t a0[TSR_MULL_PIXELS], a1[TSR_MULL_PIXELS];
        TSR_ARM_UNROLL
        for (int32_t p = 0; p < pixels; p++) {
            a0[p] = tsr_mull_repeat4(from[p]);
            a1[p] = tsr_mull_repeat4(from[p] + run_stride);
            from[p] += 2 * run_stride;
        }
        int8x16_t w0 = vld1q_s8(cell), w1 = vld1q_s8(cell + TSR_CELL_BYTES);
        TSR_ARM_UNROLL
        for (int32_t q = 0; q < 4; q++) {
            TSR_ARM_UNROLL
            for (int32_t p = 0; p < pixels; p++) {
                int16x8_t low = vmull_s8(vget_low_s8(w0), vget_low_s8(a0[p])), high = vmull_high_s8(w0, a0[p]);
                low = vmlal_s8(low, vget_low_s8(w1), vget_low_s8(a1[p]));
                high = vmlal_high_s8(high, w1, a1[p]);
                t.acc[p][2 * q] = vpadalq_s16(t.acc[p][2 * q], low);
                t.acc[p][2 * q + 1] = vpadalq_s16(t.acc[p][2 * q + 1], high);
            }
            if (q < 3) {
                w0 = vld1q_s8(cell + 16 * (q + 1));
                w1 = vld1q_s8(cell + TSR_CELL_BYTES + 16 * (q + 1));
            }
            // Quarter after quarter, the next one's weights already loaded: left to itself the compiler starts all
            // multiplies first and runs out of registers.
            __asm__ volatile("" : "+w"(w0), "+w"(w1), "+w"(t.acc[0][2 * q]), "+w"(t.acc[0][2 * q + 1]));
            if (pixels > 1) __asm__ volatile("" : "+w"(t.acc[1][2 * q]), "+w"(t.acc[1][2 * q + 1]));
        }
    }
    if (runs > 0) {
        TSR_ARM_UNROLL
        for (int32_t p = 0; p < pixels; p++) {
            const int8x16_t a = tsr_mull_repeat4(from[p]);
            TSR_ARM_UNROLL
            for (int32_t q = 0; q < 4; q++) {
                const int8x16_t w = vld1q_s8(cell + 16 * q);
                t.acc[p][2 * q] = vpadalq_s16(t.acc[p][2 * q], vmull_s8(vget_low_s8(w), vget_low_s8(a)));
                t.acc[p][2 * q + 1] = vpadalq_s16(t.acc[p][2 * q + 1], vmull_high_s8(w, a));
            }
        }
    }
    return t;
}

// Channels 4q..4q+3 of a pixel.
TSR_ARM_INLINE int32x4_t tsr_mull_quarter(const tsr_mull_tile *t, int32_t p, int32_t q) {
    return vpaddq_s32(t->acc[p][2 * q], t->acc[p][2 * q + 1]);
}

// Four pixels (in[0..3]) as one quads cell; slots from `valid` on hold the zero point.
TSR_ARM_INLINE void tsr_mull_cell(
    const uint8_t *const in[TSR_GROUP], size_t run_stride, int32_t runs, const uint8_t *block,
    const tsr_mull_bias *bias, int32_t valid, const tsr_arm_output *o, uint8_t *cell
) {
    const float *multiplier = (const float *)(block + 64);
    uint8_t pairs[2][TSR_CELL_BYTES]; // [first or second two pixels]: their bytes in the low half of each lane
    if (valid <= TSR_MULL_PIXELS) memset(pairs[1], 0, sizeof pairs[1]);
    // One loop for both halves: two copies of it would compete for registers.
    _Pragma("clang loop unroll(disable)") for (int32_t half = 0; half < (valid + 1) / TSR_MULL_PIXELS; half++) {
        const tsr_mull_tile t = tsr_mull_tile_of(TSR_MULL_PIXELS, in + 2 * half, run_stride, runs, block, bias);
        TSR_ARM_RELOAD(o);
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

// Addresses of the pixels of a group; the missing ones of a narrow group repeat the last.
TSR_ARM_INLINE void tsr_mull_pixels_at(
    const tsr_pixels *in, int32_t r, int32_t x, int32_t valid, const uint8_t *ret_in[TSR_GROUP]
) {
    const uint8_t *group = in->data + (size_t)r * in->row_stride + (size_t)(x / TSR_GROUP) * in->group_stride;
    TSR_ARM_UNROLL
    for (int32_t p = 0; p < TSR_GROUP; p++)
        ret_in[p] = group + (size_t)(p < valid ? p : valid - 1) * in->pixel_stride;
}

#endif
