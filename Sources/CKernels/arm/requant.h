// Requantisation on 128-bit registers, for every Arm kernel (tsr_requant.h states the rule; this gives the same bits).
// Base ARMv8.0, so it may be inlined into functions with any target. Private to the kernels.
//
// Both ways of rounding leave an integer's two's complement in the low byte of each lane; narrowing is then a
// permutation that keeps low bytes, and it can put them in the order that the layout wants for free.
//   convert    fcvtns, half to even and saturating, then the clamp on integers. Best where float operations occupy both
//              pipes (Cortex-A72, A53).
//   add magic  fcvtns runs on one of two pipes in Cortex-A76, so: clamp first, as floats, which is allowed because the
//              bounds are integers and rounding is monotonic; that leaves |x| <= 255, and adding 1.5 * 2^23 rounds
//              half to even.
// The zero point is added last, to bytes: inside the magic sum it would change which neighbour is even.
#ifndef TSR_ARM_REQUANT_H
#define TSR_ARM_REQUANT_H

#include "tsr_layout.h"
#include "tsr_requant.h"

#include <arm_neon.h>
#include <string.h>

#define TSR_ARM_INLINE static inline __attribute__((always_inline, unused))
// Before a loop over a tile: unless all of them are unrolled, the tile lives in memory instead of registers.
#define TSR_ARM_UNROLL _Pragma("clang loop unroll(full)")
// Hides what a pointer to constants points at, so that they are loaded here instead of being kept in registers through
// a loop whose tile needs all of them.
#define TSR_ARM_RELOAD(pointer) __asm__ volatile("" : "+r"(pointer) : "m"(*(pointer)))

typedef enum tsr_arm_rounding { TSR_ARM_CONVERT, TSR_ARM_ADD_MAGIC } tsr_arm_rounding;

// Bounds are relative to the zero point.
typedef struct tsr_arm_output {
    float32x4_t low, high, magic;
    int32x4_t int_low, int_high;
    uint8x16_t zero_point;
} tsr_arm_output;

TSR_ARM_INLINE tsr_arm_output tsr_arm_output_of(tsr_output o) {
    return (tsr_arm_output){
        .low = vdupq_n_f32((float)(o.low - o.zero_point)),
        .high = vdupq_n_f32((float)(o.high - o.zero_point)),
        .magic = vdupq_n_f32(12582912.0f), // 1.5 * 2^23
        .int_low = vdupq_n_s32(o.low - o.zero_point),
        .int_high = vdupq_n_s32(o.high - o.zero_point),
        .zero_point = vdupq_n_u8(tsr_stored(o.zero_point)),
    };
}

TSR_ARM_INLINE float32x4_t tsr_arm_scale(int32x4_t acc, float32x4_t m) { return vmulq_f32(vcvtq_f32_s32(acc), m); }

// The rounded, clamped value less the zero point, in the low byte of each lane; the other bytes mean nothing.
TSR_ARM_INLINE uint8x16_t tsr_arm_round(float32x4_t x, const tsr_arm_output *o, const tsr_arm_rounding how) {
    if (how == TSR_ARM_CONVERT) {
        return vreinterpretq_u8_s32(vminq_s32(vmaxq_s32(vcvtnq_s32_f32(x), o->int_low), o->int_high));
    }
    return vreinterpretq_u8_f32(vaddq_f32(vminq_f32(vmaxq_f32(x, o->low), o->high), o->magic));
}

// An accumulator scaled and rounded.
TSR_ARM_INLINE uint8x16_t
tsr_arm_requantize(int32x4_t acc, float32x4_t m, const tsr_arm_output *o, const tsr_arm_rounding how) {
    return tsr_arm_round(tsr_arm_scale(acc, m), o, how);
}

// Lanes of a, then b, c, d.  With one pixel's four channels in each: a panel run.
TSR_ARM_INLINE uint8x16_t
tsr_arm_in_order(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d, const tsr_arm_output *o) {
    uint16x8_t ab = vuzp1q_u16(vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b));
    uint16x8_t cd = vuzp1q_u16(vreinterpretq_u16_u8(c), vreinterpretq_u16_u8(d));
    return vaddq_u8(vuzp1q_u8(vreinterpretq_u8_u16(ab), vreinterpretq_u8_u16(cd)), o->zero_point);
}

// Lane 0 of a, b, c, d, then lane 1 of each...  With one pixel's four channels in each: a quarter of a quads cell.
TSR_ARM_INLINE uint8x16_t
tsr_arm_interleaved(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d, const tsr_arm_output *o) {
    uint16x8_t ab = vreinterpretq_u16_u8(vtrn1q_u8(a, b)), cd = vreinterpretq_u16_u8(vtrn1q_u8(c, d));
    return vaddq_u8(vreinterpretq_u8_u16(vtrn1q_u16(ab, cd)), o->zero_point);
}

// Which bytes of a cell, or of a quarter of it, belong to the first `valid` (1..4) pixels.
TSR_ARM_INLINE uint8x16_t tsr_arm_keep(int32_t valid) {
    return vreinterpretq_u8_u32(vdupq_n_u32(UINT32_MAX >> (8 * (TSR_GROUP - valid))));
}

// Four bytes from anywhere.
TSR_ARM_INLINE uint32_t tsr_arm_load4(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

#endif
