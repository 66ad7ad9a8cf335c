// Dense layer on base ARMv8.0, 16 channels at a time.
#if defined(__aarch64__)

#include "../arm/tile_mull.h"
#include "tsr_kernels.h"

void tsr_dense__neon(const tsr_dense_args *args) {
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, args->runs);
    const uint8_t *block = args->weights;
    for (int32_t first = 0; first < args->channels; first += TSR_BLOCK, block += block_bytes) {
        const int32_t n = args->channels - first < TSR_BLOCK ? args->channels - first : TSR_BLOCK;
        const tsr_mull_block b = tsr_mull_block_of(block, /* is_small= */ false);
        const uint8_t *const in[TSR_MULL_PIXELS] = {args->in, args->in};
        const tsr_mull_tile t = tsr_mull_tile_of(1, false, false, in, args->runs, block, &b);
        float real[TSR_BLOCK];
        TSR_ARM_UNROLL
        for (int32_t q = 0; q < 4; q++) {
            const float32x4_t m = vld1q_f32((const float *)(block + 64) + 4 * q);
            vst1q_f32(real + 4 * q, tsr_arm_scale(tsr_mull_quarter(&t, 0, q), m));
        }
        memcpy(args->out + first, real, (size_t)n * sizeof real[0]);
    }
}

#endif
