// Dense layer with sdot: 16 channels at a time, even and odd runs in accumulators of their own to hide latency.
#if defined(__aarch64__)

#include "../arm/requant.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

#define STEP(run, acc)                                                                                                 \
    TSR_ARM_UNROLL                                                                                                     \
    for (int32_t q = 0; q < 4; q++) {                                                                                  \
        acc[q] = vdotq_laneq_s32(acc[q], vld1q_s8(cell + TSR_CELL_BYTES * (run) + 16 * q), a, run);                    \
    }

void tsr_dense__neondot(const tsr_dense_args *args) {
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, args->runs);
    const uint8_t *block = args->weights;
    for (int32_t first = 0; first < args->channels; first += TSR_BLOCK, block += block_bytes) {
        int32x4_t even[4], odd[4];
        TSR_ARM_UNROLL
        for (int32_t q = 0; q < 4; q++) {
            even[q] = vld1q_s32((const int32_t *)block + 4 * q);
            odd[q] = vdupq_n_s32(0);
        }
        const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
        const uint8_t *in = args->in;
        int32_t runs = args->runs;
        for (; runs >= 4; runs -= 4, cell += 4 * TSR_CELL_BYTES, in += 16) {
            const int8x16_t a = vreinterpretq_s8_u8(vld1q_u8(in));
            STEP(0, even)
            STEP(1, odd)
            STEP(2, even)
            STEP(3, odd)
        }
        for (; runs > 0; runs--, cell += TSR_CELL_BYTES, in += 4) {
            const int8x16_t a = vreinterpretq_s8_u32(vdupq_n_u32(tsr_arm_load4(in)));
            STEP(0, even)
        }
        const int32_t n = args->channels - first < TSR_BLOCK ? args->channels - first : TSR_BLOCK;
        float real[TSR_BLOCK];
        TSR_ARM_UNROLL
        for (int32_t q = 0; q < 4; q++) {
            const float32x4_t m = vld1q_f32((const float *)(block + 64) + 4 * q);
            vst1q_f32(real + 4 * q, tsr_arm_scale(vaddq_s32(even[q], odd[q]), m));
        }
        memcpy(args->out + first, real, (size_t)n * sizeof real[0]);
    }
}

#undef STEP
#pragma clang attribute pop

#endif
