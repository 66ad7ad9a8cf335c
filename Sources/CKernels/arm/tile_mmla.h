// The register tile of the i8mm kernels: 4 pixels x 16 output channels in 16 accumulators, fed from MMLA8 cells.
// Include it inside a region with the i8mm target. Private to the kernels.
//
// smmla adds 2 channels x 8 inputs times 8 inputs x 2 pixels, so an accumulator is (c0p0, c0p1, c1p0, c1p1) of a pair
// of channels and a pair of pixels, and constants of a channel fill two lanes. Per eight inputs: 16 smmla, 2 loads of
// four registers of weights, and a permutation a pair of pixels to bring their bytes together. A group of one or two
// pixels costs one pair of them.
#ifndef TSR_ARM_TILE_MMLA_H
#define TSR_ARM_TILE_MMLA_H

#include "requant.h"
#include "tsr_pack.h"

enum { TSR_MMLA_PAIRS = TSR_BLOCK / 2, TSR_MMLA_HALVES = TSR_GROUP / 2, TSR_MMLA_CELL_BYTES = 2 * TSR_CELL_BYTES };

typedef struct tsr_mmla_tile {
    int32x4_t acc[TSR_MMLA_HALVES][TSR_MMLA_PAIRS]; // [pair of pixels][pair of channels]
} tsr_mmla_tile;

// A block's constants in the lanes of the accumulators.
typedef struct tsr_mmla_block {
    int32_t start[2 * TSR_BLOCK]; // bias, for small results plus TSR_FLOAT_SUM_BITS
    float addend[2 * TSR_BLOCK];  // -TSR_FLOAT_SUM * multiplier
    float multiplier[2 * TSR_BLOCK];
} tsr_mmla_block;

TSR_ARM_INLINE tsr_mmla_block tsr_mmla_block_of(const uint8_t *block, bool is_small) {
    const int32x4_t sum_bits = vdupq_n_s32(is_small ? TSR_FLOAT_SUM_BITS : 0);
    tsr_mmla_block b;
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        const int32x4_t bias = vaddq_s32(vld1q_s32((const int32_t *)block + 4 * q), sum_bits);
        const float32x4_t m = vld1q_f32((const float *)(block + 64) + 4 * q);
        const float32x4_t addend = vmulq_n_f32(m, -TSR_FLOAT_SUM);
        vst1q_s32(b.start + 8 * q, vzip1q_s32(bias, bias));
        vst1q_s32(b.start + 8 * q + 4, vzip2q_s32(bias, bias));
        vst1q_f32(b.multiplier + 8 * q, vzip1q_f32(m, m));
        vst1q_f32(b.multiplier + 8 * q + 4, vzip2q_f32(m, m));
        vst1q_f32(b.addend + 8 * q, vzip1q_f32(addend, addend));
        vst1q_f32(b.addend + 8 * q + 4, vzip2q_f32(addend, addend));
    }
    return b;
}

// Eight inputs; x[h] is a pair of pixels.
TSR_ARM_INLINE void tsr_mmla_step(
    tsr_mmla_tile *t, const int32_t halves, const int8_t *cell, const int8x16_t x[TSR_MMLA_HALVES]
) {
    TSR_ARM_UNROLL
    for (int32_t part = 0; part < 2; part++) {
        const int8x16x4_t w = vld1q_s8_x4(cell + TSR_CELL_BYTES * part);
        TSR_ARM_UNROLL
        for (int32_t k = 0; k < 4; k++) {
            TSR_ARM_UNROLL
            for (int32_t h = 0; h < halves; h++)
                t->acc[h][4 * part + k] = vmmlaq_s32(t->acc[h][4 * part + k], w.val[k], x[h]);
        }
    }
}

TSR_ARM_INLINE tsr_mmla_tile tsr_mmla_start(const int32_t halves, const tsr_mmla_block *b) {
    tsr_mmla_tile t;
    TSR_ARM_UNROLL
    for (int32_t h = 0; h < halves; h++) {
        TSR_ARM_LOAD_PAIR(t.acc[h][0], t.acc[h][1], b, 0);
        TSR_ARM_LOAD_PAIR(t.acc[h][2], t.acc[h][3], b, 32);
        TSR_ARM_LOAD_PAIR(t.acc[h][4], t.acc[h][5], b, 64);
        TSR_ARM_LOAD_PAIR(t.acc[h][6], t.acc[h][7], b, 96);
    }
    return t;
}

// Two runs of a panel's group, a pair of pixels each.
TSR_ARM_INLINE void tsr_mmla_from_runs(int8x16_t first, int8x16_t second, int8x16_t ret_x[TSR_MMLA_HALVES]) {
    const int32x4_t a = vreinterpretq_s32_s8(first), b = vreinterpretq_s32_s8(second);
    ret_x[0] = vreinterpretq_s8_s32(vzip1q_s32(a, b));
    ret_x[1] = vreinterpretq_s8_s32(vzip2q_s32(a, b));
}

// A whole tile from panel: `group` is [runs][4 pixels][4 channels].
TSR_ARM_INLINE tsr_mmla_tile tsr_mmla_tile_panel(
    const int32_t halves, const uint8_t *group, int32_t runs, const uint8_t *block, const tsr_mmla_block *b
) {
    tsr_mmla_tile t = tsr_mmla_start(halves, b);
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES, *in = (const int8_t *)group;
    int8x16_t x[TSR_MMLA_HALVES];
    for (; runs >= 4; runs -= 4, cell += 2 * TSR_MMLA_CELL_BYTES, in += 64) {
        const int8x16x4_t a = vld1q_s8_x4(in);
        tsr_mmla_from_runs(a.val[0], a.val[1], x);
        tsr_mmla_step(&t, halves, cell, x);
        tsr_mmla_from_runs(a.val[2], a.val[3], x);
        tsr_mmla_step(&t, halves, cell + TSR_MMLA_CELL_BYTES, x);
    }
    for (; runs > 0; runs -= 2, cell += TSR_MMLA_CELL_BYTES, in += 32) {
        tsr_mmla_from_runs(vld1q_s8(in), runs > 1 ? vld1q_s8(in + 16) : vdupq_n_s8(0), x);
        tsr_mmla_step(&t, halves, cell, x);
    }
    return t;
}

// A whole tile from pixels: `group` is the first, and the last of `pixels` stands for those missing of a pair.
TSR_ARM_INLINE tsr_mmla_tile tsr_mmla_tile_pixels(
    const int32_t pixels, const uint8_t *group, size_t pixel_stride, int32_t runs, const uint8_t *block,
    const tsr_mmla_block *b
) {
    const int32_t halves = (pixels + 1) / 2;
    tsr_mmla_tile t = tsr_mmla_start(halves, b);
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    const uint8_t *in[TSR_GROUP];
    TSR_ARM_UNROLL
    for (int32_t p = 0; p < TSR_GROUP; p++)
        in[p] = group + (size_t)(p < pixels ? p : pixels - 1) * pixel_stride;
    int8x16_t x[TSR_MMLA_HALVES], next[TSR_MMLA_HALVES];
    for (; runs >= 4; runs -= 4, cell += 2 * TSR_MMLA_CELL_BYTES) {
        TSR_ARM_UNROLL
        for (int32_t h = 0; h < halves; h++) {
            const int64x2_t a = vreinterpretq_s64_u8(vld1q_u8(in[2 * h]));
            const int64x2_t c = vreinterpretq_s64_u8(vld1q_u8(in[2 * h + 1]));
            x[h] = vreinterpretq_s8_s64(vzip1q_s64(a, c));
            next[h] = vreinterpretq_s8_s64(vzip2q_s64(a, c));
            in[2 * h] += 16;
            in[2 * h + 1] += 16;
        }
        tsr_mmla_step(&t, halves, cell, x);
        tsr_mmla_step(&t, halves, cell + TSR_MMLA_CELL_BYTES, next);
    }
    for (; runs > 0; runs -= 2, cell += TSR_MMLA_CELL_BYTES) {
        TSR_ARM_UNROLL
        for (int32_t h = 0; h < halves; h++) {
            uint32x4_t v = vdupq_n_u32(0);
            v = vsetq_lane_u32(tsr_arm_load4(in[2 * h]), v, 0);
            v = vsetq_lane_u32(tsr_arm_load4(in[2 * h + 1]), v, 2);
            if (runs > 1) {
                v = vsetq_lane_u32(tsr_arm_load4(in[2 * h] + 4), v, 1);
                v = vsetq_lane_u32(tsr_arm_load4(in[2 * h + 1] + 4), v, 3);
            }
            x[h] = vreinterpretq_s8_u32(v);
            in[2 * h] += 8;
            in[2 * h + 1] += 8;
        }
        tsr_mmla_step(&t, halves, cell, x);
    }
    return t;
}

TSR_ARM_INLINE tsr_mmla_tile tsr_mmla_tile_at(
    const int32_t pixels, const bool is_panel, const tsr_pixels *in, const uint8_t *group, const uint8_t *block,
    const tsr_mmla_block *b
) {
    return is_panel ? tsr_mmla_tile_panel((pixels + 1) / 2, group, in->runs, block, b)
                    : tsr_mmla_tile_pixels(pixels, group, in->pixel_stride, in->runs, block, b);
}

// How sums become bytes.
typedef struct tsr_mmla_rule {
    tsr_arm_output general;
    tsr_arm_small_output small;
    uint8x16_t zero_point;
} tsr_mmla_rule;

TSR_ARM_INLINE tsr_mmla_rule tsr_mmla_rule_of(tsr_output o) {
    return (tsr_mmla_rule){tsr_arm_output_of(o), tsr_arm_small_output_of(o), vdupq_n_u8(tsr_stored(o.zero_point))};
}

// Two neighbouring accumulators scaled; pair `j` (even) of channels.
TSR_ARM_INLINE void tsr_mmla_scale(
    const bool is_small, const int32x4_t acc[2], const int32_t j, const tsr_mmla_block *b, float32x4_t ret_x[2]
) {
    const float32x4_t m0 = vld1q_f32(b->multiplier + 4 * j), m1 = vld1q_f32(b->multiplier + 4 * j + 4);
    if (is_small) {
        TSR_ARM_LOAD_PAIR(ret_x[0], ret_x[1], b, 128 + 16 * j);
        ret_x[0] = tsr_arm_small_scale(acc[0], ret_x[0], m0);
        ret_x[1] = tsr_arm_small_scale(acc[1], ret_x[1], m1);
    } else {
        ret_x[0] = tsr_arm_scale(acc[0], m0);
        ret_x[1] = tsr_arm_scale(acc[1], m1);
    }
}

// Bytes of a's lanes, then b's, c's, d's.
TSR_ARM_INLINE uint8x16_t tsr_mmla_bytes(
    const bool is_small, const bool with_odd, float32x4_t a, float32x4_t b, float32x4_t c, float32x4_t d,
    const tsr_mmla_rule *rule
) {
    if (is_small) return tsr_arm_small_in_order(a, b, c, d, &rule->small, with_odd);
    const tsr_arm_output *o = &rule->general;
    return tsr_arm_in_order(
        tsr_arm_round(a, o, TSR_ARM_ADD_MAGIC), tsr_arm_round(b, o, TSR_ARM_ADD_MAGIC),
        tsr_arm_round(c, o, TSR_ARM_ADD_MAGIC), tsr_arm_round(d, o, TSR_ARM_ADD_MAGIC), o
    );
}

// The tile as one quads cell; slots from `valid` on hold the zero point.
TSR_ARM_INLINE void tsr_mmla_store_cell(
    const bool is_small, const tsr_mmla_tile *t, const tsr_mmla_block *b, int32_t valid, const tsr_mmla_rule *rule,
    uint8_t *cell
) {
    // Pairs of bytes (c0p01 c1p01 c0p23 c1p23) to (c0p01 c0p23 c1p01 c1p23).
    static const uint8_t order_bytes[16] = {0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15};
    const uint8x16_t order = vld1q_u8(order_bytes);
    TSR_ARM_UNROLL
    for (int32_t j = 0; j < TSR_MMLA_PAIRS; j += 2) {
        float32x4_t x[2], y[2];
        tsr_mmla_scale(is_small, t->acc[0] + j, j, b, x);
        if (valid > 2) {
            tsr_mmla_scale(is_small, t->acc[1] + j, j, b, y);
        } else {
            y[0] = x[0];
            y[1] = x[1];
        }
        uint8x16_t bytes = tsr_mmla_bytes(is_small, /* with_odd= */ false, x[0], y[0], x[1], y[1], rule);
        bytes = vqtbl1q_u8(bytes, order);
        if (valid < TSR_GROUP) bytes = vbslq_u8(tsr_arm_keep(valid), bytes, rule->zero_point);
        vst1q_u8(cell + 8 * j, bytes);
    }
}

#endif
