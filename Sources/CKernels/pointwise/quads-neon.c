// Pointwise into quads on base ARMv8.0. A block's weights stay in L1 while all pixels of the strip pass.
#if defined(__aarch64__)

#include "../arm/tile_mull.h"
#include "tsr_kernels.h"

void tsr_pointwise_quads__neon(const tsr_pointwise_quads_args *args) {
    const tsr_pixels *in = &args->in;
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, in->runs);
    const tsr_arm_output o = tsr_arm_output_of(args->output);
    for (int32_t b = 0; b < args->blocks; b++) {
        const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
        const tsr_mull_bias bias = tsr_mull_bias_of(block);
        for (int32_t r = 0; r < in->rows; r++) {
            uint8_t *cell = args->out_rows[r] + (size_t)b * args->out_block_stride;
            for (int32_t x = 0; x < in->width; x += TSR_GROUP, cell += TSR_CELL_BYTES) {
                const int32_t valid = in->width - x < TSR_GROUP ? in->width - x : TSR_GROUP;
                const uint8_t *pixels[TSR_GROUP];
                tsr_mull_pixels_at(in, r, x, valid, pixels);
                tsr_mull_cell(pixels, in->run_stride, in->runs, block, &bias, valid, &o, cell);
            }
        }
    }
}

#endif
