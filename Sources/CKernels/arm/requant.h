// Requantisation on 128-bit registers, for every Arm kernel (tsr_requant.h states the rule; this gives the same bits).
// Base ARMv8.0, so it may be inlined into functions with any target. Private to the kernels.
//
// Why not fcvtns and saturating narrows: both run on one pipe only in Cortex-A76 and A72. Clamping first, as floats, is
// allowed (the bounds are integers and rounding is monotonic), leaves |x| <= 255, and then adding 1.5 * 2^23 rounds to
// an integer, half to even, with the integer's two's complement in the low bits of the sum. Narrowing is then a
// permutation that keeps each lane's low byte, and it can put the bytes in the order that the layout wants for free.
// The zero point is added last, to bytes: inside the sum it would change which neighbour is even.
#ifndef TSR_ARM_REQUANT_H
#define TSR_ARM_REQUANT_H

#include "tsr_requant.h"

#include <arm_neon.h>
#include <string.h>

#define TSR_ARM_INLINE static inline __attribute__((always_inline, unused))
// Before a loop over a tile: unless all of them are unrolled, the tile lives in memory instead of registers.
#define TSR_ARM_UNROLL _Pragma("clang loop unroll(full)")

typedef struct tsr_arm_output {
    float32x4_t low, high, magic;
    uint8x16_t zero_point;
} tsr_arm_output;

TSR_ARM_INLINE tsr_arm_output tsr_arm_output_of(tsr_output o) {
    return (tsr_arm_output){
        .low = vdupq_n_f32((float)(o.low - o.zero_point)),
        .high = vdupq_n_f32((float)(o.high - o.zero_point)),
        .magic = vdupq_n_f32(12582912.0f), // 1.5 * 2^23
        .zero_point = vdupq_n_u8(tsr_stored(o.zero_point)),
    };
}

TSR_ARM_INLINE float32x4_t tsr_arm_scale(int32x4_t acc, float32x4_t m) { return vmulq_f32(vcvtq_f32_s32(acc), m); }

// The rounded, clamped value less the zero point, in the low byte of each lane; the other bytes mean nothing.
TSR_ARM_INLINE uint8x16_t tsr_arm_round(float32x4_t x, const tsr_arm_output *o) {
    return vreinterpretq_u8_f32(vaddq_f32(vminq_f32(vmaxq_f32(x, o->low), o->high), o->magic));
}

// Lanes of a, then b, c, d.  With one pixel's four channels in each: a panel run.
TSR_ARM_INLINE uint8x16_t tsr_arm_in_order(
    uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d, const tsr_arm_output *o
) {
    uint16x8_t ab = vuzp1q_u16(vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b));
    uint16x8_t cd = vuzp1q_u16(vreinterpretq_u16_u8(c), vreinterpretq_u16_u8(d));
    return vaddq_u8(vuzp1q_u8(vreinterpretq_u8_u16(ab), vreinterpretq_u8_u16(cd)), o->zero_point);
}

// Lane 0 of a, b, c, d, then lane 1 of each...  With one pixel's four channels in each: a quarter of a quads cell.
TSR_ARM_INLINE uint8x16_t tsr_arm_interleaved(
    uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d, const tsr_arm_output *o
) {
    uint16x8_t ab = vreinterpretq_u16_u8(vtrn1q_u8(a, b)), cd = vreinterpretq_u16_u8(vtrn1q_u8(c, d));
    return vaddq_u8(vreinterpretq_u8_u16(vtrn1q_u16(ab, cd)), o->zero_point);
}

// In a quarter of a cell, or a whole cell's quarters alike: the bytes of the first `valid` (1..3) pixels are kept.
TSR_ARM_INLINE uint8x16_t tsr_arm_blank_slots(uint8x16_t quarter, int32_t valid, const tsr_arm_output *o) {
    uint8x16_t keep = vreinterpretq_u8_u32(vdupq_n_u32((1u << (8 * valid)) - 1));
    return vbslq_u8(keep, quarter, o->zero_point);
}

// Four bytes from anywhere.
TSR_ARM_INLINE uint32_t tsr_arm_load4(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

#endif
