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

// Keeps a pointer's steps apart, so that each is part of a load (post-index) instead of additions to one base.
#define TSR_ARM_STEP(pointer) __asm__("" : "+r"(pointer))

// A value is computed here: what a compiler puts off beyond a loop by hand keeps all that it is made of.
#define TSR_ARM_NOW(value) __asm__ volatile("" : "+w"(value))

// Stores 16 bytes and steps on, in one instruction.
#define TSR_ARM_STORE_STEP(out, bytes, step)                                                                           \
    __asm__ volatile("st1 {%1.16b}, [%0], %2" : "+r"(out) : "w"(bytes), "r"(step) : "memory")

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

// ---- small sums (tsr_requant.h), clamped to the whole byte: two thirds of the operations; small results: half ----
//
// Accumulators start at the bias plus TSR_FLOAT_SUM_BITS, so that their bits are the float TSR_FLOAT_SUM + acc, and one
// fused multiply-add scales them. Adding 1.5 * 2^23 rounds half to even and leaves 16 right bits; the even part of the
// zero point goes into that constant, where it does not change which neighbour is even. Narrowing clamps.

// A block's constants, from which tiles load what they overwrite: a load costs less than a copy between registers.
typedef struct tsr_arm_small {
    int32_t start[TSR_BLOCK]; // bias + TSR_FLOAT_SUM_BITS
    float addend[TSR_BLOCK];  // -TSR_FLOAT_SUM * multiplier, which is exact
} tsr_arm_small;

typedef struct tsr_arm_small_output {
    float32x4_t magic; // 1.5 * 2^23 + the even part of the zero point
    int16x8_t odd;     // the rest of it, 0 or 1
    int16x8_t zero_point;
    uint8x16_t order; // of the bytes of four pixels by four channels, to channels by pixels
} tsr_arm_small_output;

static inline bool tsr_arm_is_small(tsr_output o) { return o.small_results && o.low == -128 && o.high == 127; }
// And the zero point is even, as ReLU's -128 is.
static inline bool tsr_arm_is_small_and_even(tsr_output o) { return tsr_arm_is_small(o) && o.zero_point % 2 == 0; }

// What a layer promises, as far as a kernel makes use of it: a constant wherever it is a parameter.
typedef enum tsr_arm_range { TSR_ARM_ANY, TSR_ARM_SMALL_SUMS, TSR_ARM_SMALL_RESULTS } tsr_arm_range;

static inline tsr_arm_range tsr_arm_range_of(tsr_output o) {
    if (!o.small_sums || o.low != -128 || o.high != 127) return TSR_ARM_ANY;
    return o.small_results && o.zero_point % 2 == 0 ? TSR_ARM_SMALL_RESULTS : TSR_ARM_SMALL_SUMS;
}

TSR_ARM_INLINE tsr_arm_small tsr_arm_small_of(const uint8_t *block) {
    tsr_arm_small s;
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        const int32x4_t bias = vld1q_s32((const int32_t *)block + 4 * q);
        const float32x4_t m = vld1q_f32((const float *)(block + 64) + 4 * q);
        vst1q_s32(s.start + 4 * q, vaddq_s32(bias, vdupq_n_s32(TSR_FLOAT_SUM_BITS)));
        vst1q_f32(s.addend + 4 * q, vmulq_n_f32(m, -TSR_FLOAT_SUM));
    }
    return s;
}

TSR_ARM_INLINE tsr_arm_small_output tsr_arm_small_output_of(tsr_output o) {
    static const uint8_t order[16] = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
    const int32_t odd = o.zero_point & 1;
    return (tsr_arm_small_output){
        .magic = vdupq_n_f32(TSR_FLOAT_SUM + (float)(o.zero_point - odd)),
        .odd = vdupq_n_s16((int16_t)odd),
        .zero_point = vdupq_n_s16((int16_t)o.zero_point),
        .order = vld1q_u8(order),
    };
}

// Four neighbouring registers from `from` in one instruction, into registers v`n0`..v`n3` of consecutive numbers.
#define TSR_ARM_LOAD_FOUR(type, a, b, c, d, from, n0, n1, n2, n3)                                                      \
    do {                                                                                                               \
        register type four0 __asm__("v" #n0);                                                                          \
        register type four1 __asm__("v" #n1);                                                                          \
        register type four2 __asm__("v" #n2);                                                                          \
        register type four3 __asm__("v" #n3);                                                                          \
        __asm__ volatile("ld1 {%0.4s-%3.4s}, [%4]"                                                                     \
                         : "=w"(four0), "=w"(four1), "=w"(four2), "=w"(four3)                                          \
                         : "r"(from), "m"(*(const uint8_t(*)[64])(from)));                                             \
        (a) = four0, (b) = four1, (c) = four2, (d) = four3;                                                            \
    } while (0)

// The same, and `from` moves on behind them.
#define TSR_ARM_LOAD_NEXT(type, a, b, c, d, from, n0, n1, n2, n3)                                                      \
    do {                                                                                                               \
        register type next0 __asm__("v" #n0);                                                                          \
        register type next1 __asm__("v" #n1);                                                                          \
        register type next2 __asm__("v" #n2);                                                                          \
        register type next3 __asm__("v" #n3);                                                                          \
        __asm__ volatile("ld1 {%0.4s-%3.4s}, [%4], #64"                                                                \
                         : "=w"(next0), "=w"(next1), "=w"(next2), "=w"(next3), "+r"(from)                              \
                         :                                                                                             \
                         : "memory");                                                                                  \
        (a) = next0, (b) = next1, (c) = next2, (d) = next3;                                                            \
    } while (0)

// A sum as above, scaled. `addend` is overwritten in its register.
TSR_ARM_INLINE float32x4_t tsr_arm_small_scale(int32x4_t acc, float32x4_t addend, float32x4_t m) {
    return vfmaq_f32(addend, vreinterpretq_f32_s32(acc), m);
}

// Two scaled registers as 16-bit values, rounded: of a, then b.
TSR_ARM_INLINE int16x8_t tsr_arm_small_pair(float32x4_t a, float32x4_t b, const tsr_arm_small_output *o) {
    return vuzp1q_s16(vreinterpretq_s16_f32(vaddq_f32(a, o->magic)), vreinterpretq_s16_f32(vaddq_f32(b, o->magic)));
}

// The same, lane by lane: of a, of b, of a...
TSR_ARM_INLINE int16x8_t tsr_arm_small_two_pixels(float32x4_t a, float32x4_t b, const tsr_arm_small_output *o) {
    return vtrn1q_s16(vreinterpretq_s16_f32(vaddq_f32(a, o->magic)), vreinterpretq_s16_f32(vaddq_f32(b, o->magic)));
}

// Bytes of a, then b, c, d, scaled; `with_odd` (a constant) where the zero point may be odd.
TSR_ARM_INLINE uint8x16_t tsr_arm_small_in_order(
    float32x4_t a, float32x4_t b, float32x4_t c, float32x4_t d, const tsr_arm_small_output *o, const bool with_odd
) {
    int16x8_t ab = tsr_arm_small_pair(a, b, o), cd = tsr_arm_small_pair(c, d, o);
    if (with_odd) {
        ab = vaddq_s16(ab, o->odd);
        cd = vaddq_s16(cd, o->odd);
    }
    return vreinterpretq_u8_s8(vqmovn_high_s16(vqmovn_s16(ab), cd));
}

// The same of small sums, whose scaled values may leave 16 bits: converting and narrowing saturate.
TSR_ARM_INLINE uint8x16_t
tsr_arm_sums_in_order(float32x4_t a, float32x4_t b, float32x4_t c, float32x4_t d, const tsr_arm_small_output *o) {
    const int16x8_t ab = vqmovn_high_s32(vqmovn_s32(vcvtnq_s32_f32(a)), vcvtnq_s32_f32(b));
    const int16x8_t cd = vqmovn_high_s32(vqmovn_s32(vcvtnq_s32_f32(c)), vcvtnq_s32_f32(d));
    const int16x8_t first = vqaddq_s16(ab, o->zero_point), second = vqaddq_s16(cd, o->zero_point);
    return vreinterpretq_u8_s8(vqmovn_high_s16(vqmovn_s16(first), second));
}

// What the accumulators of four pixels of the same four channels start from, and their addends: each four times, to be
// loaded at once.
typedef struct tsr_arm_fours {
    int32_t start[4 * TSR_GROUP];
    float addend[4 * TSR_GROUP];
} tsr_arm_fours;

TSR_ARM_INLINE tsr_arm_fours tsr_arm_fours_of(const uint8_t *block, int32_t quarter, const tsr_arm_range range) {
    int32x4_t start = vld1q_s32((const int32_t *)block + 4 * quarter);
    if (range != TSR_ARM_ANY) start = vaddq_s32(start, vdupq_n_s32(TSR_FLOAT_SUM_BITS));
    const float32x4_t addend = vmulq_n_f32(vld1q_f32((const float *)(block + 64) + 4 * quarter), -TSR_FLOAT_SUM);
    tsr_arm_fours fours;
    TSR_ARM_UNROLL
    for (int32_t i = 0; i < TSR_GROUP; i++) {
        vst1q_s32(fours.start + 4 * i, start);
        vst1q_f32(fours.addend + 4 * i, addend);
    }
    return fours;
}

// Lanes of a, then b, c, d.  With one pixel's four channels in each: a panel run.
TSR_ARM_INLINE uint8x16_t
tsr_arm_in_order(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d, const tsr_arm_output *o) {
    uint16x8_t ab = vuzp1q_u16(vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b));
    uint16x8_t cd = vuzp1q_u16(vreinterpretq_u16_u8(c), vreinterpretq_u16_u8(d));
    return vaddq_u8(vuzp1q_u8(vreinterpretq_u8_u16(ab), vreinterpretq_u8_u16(cd)), o->zero_point);
}

// Bytes of four pixels by four channels, from sums that started at `fours`.
TSR_ARM_INLINE uint8x16_t tsr_arm_group(
    const tsr_arm_range range, const int32x4_t acc[TSR_GROUP], float32x4_t m, const tsr_arm_fours *fours,
    const tsr_arm_output *o, const tsr_arm_small_output *small
) {
    if (range == TSR_ARM_ANY) {
        return tsr_arm_in_order(
            tsr_arm_requantize(acc[0], m, o, TSR_ARM_ADD_MAGIC), tsr_arm_requantize(acc[1], m, o, TSR_ARM_ADD_MAGIC),
            tsr_arm_requantize(acc[2], m, o, TSR_ARM_ADD_MAGIC), tsr_arm_requantize(acc[3], m, o, TSR_ARM_ADD_MAGIC), o
        );
    }
    float32x4_t x[TSR_GROUP];
    TSR_ARM_LOAD_FOUR(float32x4_t, x[0], x[1], x[2], x[3], fours->addend, 20, 21, 22, 23);
    TSR_ARM_UNROLL
    for (int32_t p = 0; p < TSR_GROUP; p++)
        x[p] = tsr_arm_small_scale(acc[p], x[p], m);
    if (range == TSR_ARM_SMALL_SUMS) return tsr_arm_sums_in_order(x[0], x[1], x[2], x[3], small);
    return tsr_arm_small_in_order(x[0], x[1], x[2], x[3], small, /* with_odd= */ false);
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

// The first `n` (1..16) of 16 bytes, and zeros. No call: around one a tile would leave its registers.
TSR_ARM_INLINE uint8x16_t tsr_arm_load_bytes(const uint8_t *from, int32_t n) {
    if (n == TSR_BLOCK) return vld1q_u8(from);
    uint64_t rest = 0; // those that fill no 8, lowest first
    if (n & 1) rest = from[n - 1];
    if (n & 2) rest = rest << 16 | (uint64_t)from[(n & 12) + 1] << 8 | from[n & 12];
    if (n & 4) rest = rest << 32 | tsr_arm_load4(from + (n & 8));
    if (n & 8) return vcombine_u8(vld1_u8(from), vcreate_u8(rest));
    return vcombine_u8(vcreate_u8(rest), vcreate_u8(0));
}

// Writes the first `n` (1..16) bytes.
TSR_ARM_INLINE void tsr_arm_store_bytes(uint8x16_t bytes, int32_t n, uint8_t *out) {
    if (n == TSR_BLOCK) {
        vst1q_u8(out, bytes);
        return;
    }
    if (n & 8) {
        vst1_u8(out, vget_low_u8(bytes));
        bytes = vextq_u8(bytes, bytes, 8);
        out += 8;
    }
    if ((n & 7) == 0) return;
    uint64_t rest = vgetq_lane_u64(vreinterpretq_u64_u8(bytes), 0);
    for (int32_t i = 0; i < (n & 7); i++, rest >>= 8)
        out[i] = (uint8_t)rest;
}

// `v` with lane `lane` (a constant once unrolled) replaced.
TSR_ARM_INLINE uint32x4_t tsr_arm_with_lane(uint32x4_t v, int32_t lane, uint32_t value) {
    v[lane] = value;
    return v;
}

#endif
