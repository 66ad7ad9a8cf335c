// How the sums of an i8mm tile become bytes, and quads cells. Include it where tile_mmla.h is. Private to the kernels.
#ifndef TSR_ARM_BYTES_MMLA_H
#define TSR_ARM_BYTES_MMLA_H

#include "tile_mmla.h"

typedef struct tsr_mmla_rule {
    tsr_arm_output general;
    tsr_arm_small_output small;
    uint8x16_t zero_point;
} tsr_mmla_rule;

TSR_ARM_INLINE tsr_mmla_rule tsr_mmla_rule_of(tsr_output o) {
    return (tsr_mmla_rule){tsr_arm_output_of(o), tsr_arm_small_output_of(o), vdupq_n_u8(tsr_stored(o.zero_point))};
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

// The tile as one quads cell; slots from `valid` on hold the zero point. Any results; is_apart: pairs of pixels are
// (0, 2) and (1, 3), otherwise (0, 1) and (2, 3).
TSR_ARM_INLINE void tsr_mmla_store_cell(
    const bool is_apart, const tsr_mmla_tile *t, const tsr_mmla_block *b, int32_t valid, const tsr_mmla_rule *rule,
    uint8_t *cell
) {
    // Bytes (c0p01 c1p01 c0p23 c1p23) or (c0p02 c1p02 c0p13 c1p13) to (c0p0123 c1p0123).
    static const uint8_t orders[2][16] = {
        {0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15},
        {0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15},
    };
    const uint8x16_t order = vld1q_u8(orders[is_apart]);
    TSR_ARM_UNROLL
    for (int32_t j = 0; j < TSR_MMLA_PAIRS; j += 2) {
        const int32x4_t *second = is_apart || valid > 2 ? t->acc[1] + j : t->acc[0] + j;
        float32x4_t x[2], y[2];
        TSR_ARM_UNROLL
        for (int32_t i = 0; i < 2; i++) {
            const float32x4_t m = vld1q_f32(b->part[j / 4].multiplier + 4 * (j % 4 + i));
            x[i] = tsr_arm_scale(t->acc[0][j + i], m);
            y[i] = tsr_arm_scale(second[i], m);
        }
        const uint8x16_t bytes = tsr_mmla_bytes(/* is_small= */ false, false, x[0], y[0], x[1], y[1], rule);
        vst1q_u8(cell + 8 * j, vbslq_u8(tsr_arm_keep(valid), vqtbl1q_u8(bytes, order), rule->zero_point));
    }
}

// The same of small results with an even zero point, of a tile whose pairs of pixels are (0, 2) and (1, 3), or of only
// (0, 1) where `valid` (a constant) is less than 3.
TSR_ARM_INLINE void tsr_mmla_store_small_cell(
    const tsr_mmla_tile *t, const uint8_t *parts, const int32_t valid, const tsr_mmla_rule *rule, uint8_t *cell
) {
    TSR_ARM_UNROLL
    for (int32_t j = 0; j < TSR_MMLA_PAIRS; j += 4) {
        float32x4_t x[4], y[4], m[4];
        TSR_ARM_LOAD_NEXT(float32x4_t, m[0], m[1], m[2], m[3], parts, 24, 25, 26, 27);
        TSR_ARM_LOAD_NEXT(float32x4_t, x[0], x[1], x[2], x[3], parts, 0, 1, 2, 3);
        if (valid > 2) {
            TSR_ARM_LOAD_NEXT(float32x4_t, y[0], y[1], y[2], y[3], parts, 4, 5, 6, 7);
        } else {
            parts += 64;
        }
        TSR_ARM_UNROLL
        for (int32_t i = 0; i < 4; i++) {
            x[i] = tsr_arm_small_scale(t->acc[0][j + i], x[i], m[i]);
            if (valid > 2) y[i] = tsr_arm_small_scale(t->acc[1][j + i], y[i], m[i]);
        }
        uint8x16_t bytes[2];
        if (valid > 2) {
            TSR_ARM_UNROLL
            for (int32_t i = 0; i < 2; i++) {
                const int16x8_t first = tsr_arm_small_two_pixels(x[2 * i], y[2 * i], &rule->small);
                const int16x8_t second = tsr_arm_small_two_pixels(x[2 * i + 1], y[2 * i + 1], &rule->small);
                bytes[i] = vreinterpretq_u8_s8(vqmovn_high_s16(vqmovn_s16(first), second));
            }
        } else {
            const uint16x8_t pairs =
                vreinterpretq_u16_u8(tsr_arm_small_in_order(x[0], x[1], x[2], x[3], &rule->small, /* with_odd= */ false)
                );
            const uint16x8_t rest = vreinterpretq_u16_u8(rule->zero_point);
            bytes[0] = vreinterpretq_u8_u16(vzip1q_u16(pairs, rest));
            bytes[1] = vreinterpretq_u8_u16(vzip2q_u16(pairs, rest));
        }
        TSR_ARM_UNROLL
        for (int32_t i = 0; i < 2; i++) {
            if (valid % 2 != 0) bytes[i] = vbslq_u8(tsr_arm_keep(valid), bytes[i], rule->zero_point);
            vst1q_u8(cell + 8 * j + 16 * i, bytes[i]);
        }
    }
}

#endif
