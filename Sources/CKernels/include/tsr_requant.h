// The integer rule, stated once. The scalar functions here are normative: every kernel gives these bits.
//
//   acc  = sum (q_in - zp_in) * w + bias                       exact in s32
//   q    = clamp(rne(f32(acc) * m), low - zp, high - zp) + zp
//   with a skip: rne(f32(acc) * m + f32(q_skip - zp_skip) * m_skip)   product, product, sum: each rounded to f32
//
// rne rounds half to even. Products are never fused with the sum (-ffp-contract=off), so that CPUs with and without
// FMA agree. Clamping before adding zp is the same as after: the bounds are integers and rne is monotonic.
//
// Precondition, checked when a model is read: |acc| < 2^31 for every input and |acc| * m < 2^31, so that converting
// instructions (cvtps2dq, fcvtns) never overflow, and saturating packs may stand for the clamp where the bounds allow.
//
// Small sums: where every accumulator lies in [-2^22, 2^22) and every multiplier has at most 22 significant bits, a
// kernel with FMA may keep the sum as the mantissa of a float: with 1.5 * 2^23 added to the bias, the bits of the sum
// are those of the float 12582912 + acc, and fma(that, m, -12582912 * m) is acc * m, rounded once: the rule's own bits,
// for one operation less. 12582912 = 3 * 2^22, so the constant is exact.
//
// Small results: small sums whose scaled values also lie within +-TSR_SMALL_RESULT. Rounded, and with a zero point and a
// skip of multiplier below 2 added, they fit 16 bits, so that a kernel may drop the upper half of a lane and clamp while
// it narrows to bytes.
//
// Stored bytes: a plan keeps q + TSR_STORED_BIAS (mod 256). x86's vpdpbusd multiplies unsigned by signed bytes, so
// there the bias is 128; Arm's sdot multiplies signed bytes, so there it is 0. The logical value is what counts:
// packing folds the bias and the zero point into the layer's bias (tsr_pack.h).
#ifndef TSR_REQUANT_H
#define TSR_REQUANT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#if defined(__aarch64__)
#define TSR_STORED_BIAS 0
#else
#define TSR_STORED_BIAS 128
#endif

// How a layer's output becomes bytes. All logical: -128 <= low <= high <= 127, -128 <= zero_point <= 127.
typedef struct tsr_output {
    int32_t zero_point;
    int32_t low;
    int32_t high;
    bool small_sums;    // see above; promises, of which a kernel may make use
    bool small_results; // only with small sums
} tsr_output;

#define TSR_FLOAT_SUM_BITS 0x4b400000 // of the float 12582912, 1.5 * 2^23
#define TSR_FLOAT_SUM 12582912.0f
#define TSR_SMALL_RESULT 32000

static inline uint8_t tsr_stored(int32_t q) { return (uint8_t)(q + TSR_STORED_BIAS); }

static inline int32_t tsr_logical(uint8_t stored) { return (int8_t)(uint8_t)(stored - TSR_STORED_BIAS); }

// Rounds and clamps a scaled accumulator; returns the stored byte.
static inline uint8_t tsr_round_clamp(float x, tsr_output o) {
    float low = (float)(o.low - o.zero_point), high = (float)(o.high - o.zero_point);
    float r = rintf(x); // default rounding mode: half to even
    r = r < low ? low : r;
    r = r > high ? high : r;
    return tsr_stored((int32_t)r + o.zero_point);
}

static inline uint8_t tsr_requantize(int32_t acc, float m, tsr_output o) { return tsr_round_clamp((float)acc * m, o); }

static inline uint8_t tsr_requantize_skip(
    int32_t acc, float m, uint8_t skip, int32_t skip_zero_point, float skip_m, tsr_output o
) {
    float a = (float)acc * m;
    float b = (float)(tsr_logical(skip) - skip_zero_point) * skip_m;
    return tsr_round_clamp(a + b, o);
}

#endif
