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

// A block's constants. What the accumulators start from is in the first lane of a channel's two.
typedef struct tsr_mull_block {
    int32_t start[2 * TSR_BLOCK]; // bias, for small results plus TSR_FLOAT_SUM_BITS
    float addend[TSR_BLOCK];      // -TSR_FLOAT_SUM * multiplier
} tsr_mull_block;

TSR_ARM_INLINE tsr_mull_block tsr_mull_block_of(const uint8_t *block, bool is_small) {
    const int32x4_t sum_bits = vdupq_n_s32(is_small ? TSR_FLOAT_SUM_BITS : 0), zero = vdupq_n_s32(0);
    tsr_mull_block b;
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        const int32x4_t bias = vaddq_s32(vld1q_s32((const int32_t *)block + 4 * q), sum_bits);
        const float32x4_t m = vld1q_f32((const float *)(block + 64) + 4 * q);
        vst1q_s32(b.start + 8 * q, vzip1q_s32(bias, zero));
        vst1q_s32(b.start + 8 * q + 4, vzip2q_s32(bias, zero));
        vst1q_f32(b.addend + 4 * q, vmulq_n_f32(m, -TSR_FLOAT_SUM));
    }
    return b;
}

// Four bytes repeated over a register, and on to the next run: one instruction. (The compiler also cannot see that both
// halves are equal: it would trade each smull2 for a smull and a move of the weights' high half.)
TSR_ARM_INLINE int8x16_t tsr_mull_next(const uint8_t **from, size_t run_stride) {
    int8x16_t a;
    __asm__("ld1r {%0.4s}, [%1], %2" : "=w"(a), "+r"(*from) : "r"(run_stride), "m"(*(const uint8_t(*)[4]) * from));
    return a;
}

// The products of quarter `q` of the channels: weights of two runs against theirs.
TSR_ARM_INLINE void tsr_mull_quarter_step(
    tsr_mull_tile *t, const int32_t pixels, const int32_t q, int8x16_t w0, int8x16_t w1,
    const int8x16_t a0[TSR_MULL_PIXELS], const int8x16_t a1[TSR_MULL_PIXELS]
) {
    TSR_ARM_UNROLL
    for (int32_t p = 0; p < pixels; p++) {
        int16x8_t low = vmull_s8(vget_low_s8(w0), vget_low_s8(a0[p])), high = vmull_high_s8(w0, a0[p]);
        low = vmlal_s8(low, vget_low_s8(w1), vget_low_s8(a1[p]));
        high = vmlal_high_s8(high, w1, a1[p]);
        t->acc[p][2 * q] = vpadalq_s16(t->acc[p][2 * q], low);
        t->acc[p][2 * q + 1] = vpadalq_s16(t->acc[p][2 * q + 1], high);
    }
    // Quarter after quarter: left to itself the compiler starts all multiplies first and runs out of registers.
    TSR_ARM_UNROLL
    for (int32_t p = 0; p < pixels; p++)
        __asm__ volatile("" : "+w"(t->acc[p][2 * q]), "+w"(t->acc[p][2 * q + 1]));
}

// The accumulators of `pixels` (1 or 2, a constant) over all runs; pixel p's run r lies at in[p] + r * run_stride.
TSR_ARM_INLINE tsr_mull_tile tsr_mull_tile_of(
    const int32_t pixels, const uint8_t *const in[TSR_MULL_PIXELS], size_t run_stride, int32_t runs,
    const uint8_t *block, const tsr_mull_block *b
) {
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    const uint8_t *from[TSR_MULL_PIXELS];
    tsr_mull_tile t;
    TSR_ARM_UNROLL
    for (int32_t p = 0; p < pixels; p++) {
        from[p] = in[p];
        TSR_ARM_LOAD_PAIR(t.acc[p][0], t.acc[p][1], b, 0);
        TSR_ARM_LOAD_PAIR(t.acc[p][2], t.acc[p][3], b, 32);
        TSR_ARM_LOAD_PAIR(t.acc[p][4], t.acc[p][5], b, 64);
        TSR_ARM_LOAD_PAIR(t.acc[p][6], t.acc[p][7], b, 96);
    }
    for (; runs >= 2; runs -= 2, cell += 2 * TSR_CELL_BYTES) {
        int8x16_t a0[TSR_MULL_PIXELS], a1[TSR_MULL_PIXELS], w[4];
        TSR_ARM_UNROLL
        for (int32_t p = 0; p < pixels; p++) {
            a0[p] = tsr_mull_next(&from[p], run_stride);
            a1[p] = tsr_mull_next(&from[p], run_stride);
        }
        TSR_ARM_LOAD_PAIR(w[0], w[1], cell, 0);
        TSR_ARM_LOAD_PAIR(w[2], w[3], cell, 64);
        tsr_mull_quarter_step(&t, pixels, 0, w[0], w[2], a0, a1);
        tsr_mull_quarter_step(&t, pixels, 1, w[1], w[3], a0, a1);
        TSR_ARM_LOAD_PAIR(w[0], w[1], cell, 32);
        TSR_ARM_LOAD_PAIR(w[2], w[3], cell, 96);
        tsr_mull_quarter_step(&t, pixels, 2, w[0], w[2], a0, a1);
        tsr_mull_quarter_step(&t, pixels, 3, w[1], w[3], a0, a1);
    }
    if (runs > 0) {
        TSR_ARM_UNROLL
        for (int32_t p = 0; p < pixels; p++) {
            const int8x16_t a = tsr_mull_next(&from[p], run_stride);
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

// How sums become bytes.
typedef struct tsr_mull_rule {
    tsr_arm_output general;
    tsr_arm_small_output small;
} tsr_mull_rule;

TSR_ARM_INLINE tsr_mull_rule tsr_mull_rule_of(tsr_output o) {
    return (tsr_mull_rule){tsr_arm_output_of(o), tsr_arm_small_output_of(o)};
}

// Two pixels of quarter `q` as 16-bit values: of the first, then of the second.
TSR_ARM_INLINE int16x8_t tsr_mull_small_pair(
    const tsr_mull_tile *t, const int32_t q, float32x4_t m, float32x4_t addend0, float32x4_t addend1,
    const tsr_arm_small_output *o
) {
    const float32x4_t x0 = tsr_arm_small_scale(tsr_mull_quarter(t, 0, q), addend0, m);
    const float32x4_t x1 = tsr_arm_small_scale(tsr_mull_quarter(t, 1, q), addend1, m);
    return vuzp1q_s16(vreinterpretq_s16_f32(vaddq_f32(x0, o->magic)), vreinterpretq_s16_f32(vaddq_f32(x1, o->magic)));
}

// Four pixels (in[0..3]) as one quads cell; slots from `valid` on hold the zero point. Small results, even zero point.
TSR_ARM_INLINE void tsr_mull_small_cell(
    const uint8_t *const in[TSR_GROUP], size_t run_stride, int32_t runs, const uint8_t *block, const tsr_mull_block *b,
    int32_t valid, const tsr_mull_rule *rule, uint8_t *cell
) {
    const float *multiplier = (const float *)(block + 64);
    int16x8_t pairs[2][4]; // [first or second two pixels][quarter]
    // One loop for both halves: two copies of it would compete for registers.
    _Pragma("clang loop unroll(disable)") for (int32_t half = 0; half < 2; half++) {
        const tsr_mull_tile t = tsr_mull_tile_of(TSR_MULL_PIXELS, in + 2 * half, run_stride, runs, block, b);
        TSR_ARM_UNROLL
        for (int32_t q = 0; q < 4; q += 2) {
            const float32x4_t m0 = vld1q_f32(multiplier + 4 * q), m1 = vld1q_f32(multiplier + 4 * q + 4);
            float32x4_t first[2], second[2];
            TSR_ARM_LOAD_PAIR(first[0], first[1], b, 128 + 16 * q);
            TSR_ARM_LOAD_PAIR(second[0], second[1], b, 128 + 16 * q);
            pairs[half][q] = tsr_mull_small_pair(&t, q, m0, first[0], second[0], &rule->small);
            pairs[half][q + 1] = tsr_mull_small_pair(&t, q + 1, m1, first[1], second[1], &rule->small);
        }
    }
    uint8x16_t bytes[4];
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        const int8x16_t narrow = vqmovn_high_s16(vqmovn_s16(pairs[0][q]), pairs[1][q]);
        bytes[q] = vqtbl1q_u8(vreinterpretq_u8_s8(narrow), rule->small.order);
    }
    if (valid < TSR_GROUP) {
        const uint8x16_t keep = tsr_arm_keep(valid);
        TSR_ARM_UNROLL
        for (int32_t q = 0; q < 4; q++)
            bytes[q] = vbslq_u8(keep, bytes[q], rule->general.zero_point);
    }
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++)
        vst1q_u8(cell + 16 * q, bytes[q]);
}

// The same for any results.
TSR_ARM_INLINE void tsr_mull_cell(
    const uint8_t *const in[TSR_GROUP], size_t run_stride, int32_t runs, const uint8_t *block, const tsr_mull_block *b,
    int32_t valid, const tsr_mull_rule *rule, uint8_t *cell
) {
    const float *multiplier = (const float *)(block + 64);
    const tsr_arm_output *o = &rule->general;
    uint8_t pairs[2][TSR_CELL_BYTES]; // [first or second two pixels]: their bytes in the low half of each lane
    if (valid <= TSR_MULL_PIXELS) memset(pairs[1], 0, sizeof pairs[1]);
    // One loop for both halves: two copies of it would compete for registers.
    _Pragma("clang loop unroll(disable)") for (int32_t half = 0; half < (valid + 1) / TSR_MULL_PIXELS; half++) {
        const tsr_mull_tile t = tsr_mull_tile_of(TSR_MULL_PIXELS, in + 2 * half, run_stride, runs, block, b);
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
