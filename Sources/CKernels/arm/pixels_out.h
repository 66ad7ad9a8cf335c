// The last step of a pointwise layer into pixels: 16 scaled channels of one pixel, an optional skip, rounding, store.
// Base ARMv8.0; private to the kernels.
#ifndef TSR_ARM_PIXELS_OUT_H
#define TSR_ARM_PIXELS_OUT_H

#include "requant.h"
#include "tsr_kernels.h"

// x[i] += f32(skip - zero point) * multiplier; product and sum are rounded one by one.
TSR_ARM_INLINE void tsr_arm_add_skip(
    float32x4_t x[4], const uint8_t *skip, int32_t n, const tsr_pointwise_pixels_args *args
) {
    const int8x16_t s = vreinterpretq_s8_u8(tsr_arm_load_bytes(skip, n));
    const int8x8_t zp = vdup_n_s8((int8_t)args->skip_zero_point);
    const float32x4_t m = vdupq_n_f32(args->skip_multiplier);
    const int16x8_t low = vsubl_s8(vget_low_s8(s), zp), high = vsubl_s8(vget_high_s8(s), zp);
    x[0] = vaddq_f32(x[0], tsr_arm_scale(vmovl_s16(vget_low_s16(low)), m));
    x[1] = vaddq_f32(x[1], tsr_arm_scale(vmovl_high_s16(low), m));
    x[2] = vaddq_f32(x[2], tsr_arm_scale(vmovl_s16(vget_low_s16(high)), m));
    x[3] = vaddq_f32(x[3], tsr_arm_scale(vmovl_high_s16(high), m));
}

// Finishes channels first..first+n-1 (n = 1..16) of the pixel at byte offset `pixel`. The skip is read before the
// store, so both may be the same memory. (Accumulators by value: an array, indexed in a loop with a break, would live
// in memory.)
TSR_ARM_INLINE void tsr_arm_store_pixel(
    int32x4_t acc0, int32x4_t acc1, int32x4_t acc2, int32x4_t acc3, const float *multiplier, int32_t first, int32_t n,
    size_t pixel, const tsr_pointwise_pixels_args *args, const tsr_arm_output *o, const tsr_arm_rounding how
) {
    float32x4_t x[4] = {
        tsr_arm_scale(acc0, vld1q_f32(multiplier)),
        tsr_arm_scale(acc1, vld1q_f32(multiplier + 4)),
        tsr_arm_scale(acc2, vld1q_f32(multiplier + 8)),
        tsr_arm_scale(acc3, vld1q_f32(multiplier + 12)),
    };
    const size_t at = pixel + (size_t)first;
    if (args->skip != NULL) tsr_arm_add_skip(x, args->skip + at, n, args);
    tsr_arm_store_bytes(
        tsr_arm_in_order(
            tsr_arm_round(x[0], o, how), tsr_arm_round(x[1], o, how), tsr_arm_round(x[2], o, how),
            tsr_arm_round(x[3], o, how), o
        ),
        n, args->out + at
    );
}

// Whether `tsr_arm_store_small_pixel` may do it instead.
static inline bool tsr_arm_pixels_are_small(const tsr_pointwise_pixels_args *args) {
    return tsr_arm_is_small(args->output) && (args->skip == NULL || args->skip_multiplier < 2.0f);
}

// The same with small results, of sums that started at the bias plus TSR_FLOAT_SUM_BITS; addend as in
// tsr_arm_small.
TSR_ARM_INLINE void tsr_arm_store_small_pixel(
    int32x4_t acc0, int32x4_t acc1, int32x4_t acc2, int32x4_t acc3, const float *multiplier, int32_t first, int32_t n,
    const bool has_skip, size_t pixel, const tsr_pointwise_pixels_args *args, const float *addend,
    const tsr_arm_small_output *o
) {
    float32x4_t x[4];
    TSR_ARM_LOAD_FOUR(float32x4_t, x[0], x[1], x[2], x[3], addend, 0, 1, 2, 3);
    x[0] = tsr_arm_small_scale(acc0, x[0], vld1q_f32(multiplier));
    x[1] = tsr_arm_small_scale(acc1, x[1], vld1q_f32(multiplier + 4));
    x[2] = tsr_arm_small_scale(acc2, x[2], vld1q_f32(multiplier + 8));
    x[3] = tsr_arm_small_scale(acc3, x[3], vld1q_f32(multiplier + 12));
    const size_t at = pixel + (size_t)first;
    if (has_skip) tsr_arm_add_skip(x, args->skip + at, n, args);
    tsr_arm_store_bytes(tsr_arm_small_in_order(x[0], x[1], x[2], x[3], o, true), n, args->out + at);
}

#endif
