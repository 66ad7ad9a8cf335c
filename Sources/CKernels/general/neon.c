// The general operations on NEON.
#if defined(__aarch64__)

#define TSR_NAME(op) tsr_##op##__neon
#include "body.h"

#include <arm_neon.h>

void tsr_lookup__neon(const tsr_table_args *args) {
    uint8x16x4_t rows[4];
    for (int r = 0; r < 4; r++)
        rows[r] = vld1q_u8_x4(args->table + 64 * r);
    const uint8x16_t step = vdupq_n_u8(64);
    for (int32_t p = 0; p < args->pixels; p++) {
        const uint8_t *in = args->in + (size_t)p * args->in_stride;
        uint8_t *out = args->out + (size_t)p * args->out_stride;
        int32_t c = 0;
        for (; c + 16 <= args->channels; c += 16) {
            uint8x16_t x = vld1q_u8(in + c);
            uint8x16_t result = vqtbl4q_u8(rows[0], x);
            for (int r = 1; r < 4; r++) {
                x = vsubq_u8(x, step);
                result = vqtbx4q_u8(result, rows[r], x);
            }
            vst1q_u8(out + c, result);
        }
        for (; c < args->channels; c++)
            out[c] = args->table[in[c]];
    }
}

#endif
