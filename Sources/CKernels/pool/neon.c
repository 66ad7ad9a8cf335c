// Global average pool, 16 channels at a time: 256 pixels fit 16-bit sums exactly (-128 * 256 = -32768), then 32 bits.
#if defined(__aarch64__)

#include "../arm/requant.h"
#include "tsr_kernels.h"

enum { PIXELS_IN_16_BITS = 256 };

// acc += the sums of up to 256 pixels.
static void add_pixels(int32x4_t acc[4], const uint8_t *in, size_t pixel_stride, int32_t pixels) {
    int16x8_t low = vdupq_n_s16(0), high = vdupq_n_s16(0);
    for (int32_t p = 0; p < pixels; p++, in += pixel_stride) {
        const int8x16_t v = vreinterpretq_s8_u8(vld1q_u8(in));
        low = vaddw_s8(low, vget_low_s8(v));
        high = vaddw_high_s8(high, v);
    }
    acc[0] = vaddw_s16(acc[0], vget_low_s16(low));
    acc[1] = vaddw_high_s16(acc[1], low);
    acc[2] = vaddw_s16(acc[2], vget_low_s16(high));
    acc[3] = vaddw_high_s16(acc[3], high);
}

void tsr_pool__neon(const tsr_pool_args *args) {
    const tsr_arm_output o = tsr_arm_output_of(args->output);
    const float32x4_t m = vdupq_n_f32(args->multiplier);
    int32_t c = 0;
    for (; c + TSR_BLOCK <= args->channels; c += TSR_BLOCK) {
        const int32x4_t bias = vdupq_n_s32(args->bias);
        int32x4_t acc[4] = {bias, bias, bias, bias};
        for (int32_t p = 0; p < args->pixels; p += PIXELS_IN_16_BITS) {
            const int32_t n = args->pixels - p < PIXELS_IN_16_BITS ? args->pixels - p : PIXELS_IN_16_BITS;
            add_pixels(acc, args->in + (size_t)p * args->pixel_stride + (size_t)c, args->pixel_stride, n);
        }
        uint8x16_t q[4];
        for (int32_t i = 0; i < 4; i++)
            q[i] = tsr_arm_requantize(acc[i], m, &o, TSR_ARM_CONVERT);
        vst1q_u8(args->out + c, tsr_arm_in_order(q[0], q[1], q[2], q[3], &o));
    }
    for (; c < args->channels; c++) {
        int32_t acc = args->bias;
        for (int32_t p = 0; p < args->pixels; p++) {
            acc += tsr_logical(args->in[(size_t)p * args->pixel_stride + (size_t)c]) + TSR_STORED_BIAS;
        }
        args->out[c] = tsr_requantize(acc, args->multiplier, args->output);
    }
}

#endif
