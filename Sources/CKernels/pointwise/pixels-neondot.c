// Pointwise into pixels with sdot, with an optional skip. A block's weights stay in L1 while all pixels of the strip pass.
#if defined(__aarch64__)

#include "../arm/pixels_out.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

#include "../arm/tile_dot.h"

void tsr_pointwise_pixels__neondot(const tsr_pointwise_pixels_args *args) {
    const tsr_pixels *in = &args->in;
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, in->runs);
    const tsr_arm_output o = tsr_arm_output_of(args->output);
    const uint8_t *block = args->weights;
    for (int32_t first = 0; first < args->channels; first += TSR_BLOCK, block += block_bytes) {
        const int32_t n = args->channels - first < TSR_BLOCK ? args->channels - first : TSR_BLOCK;
        for (int32_t r = 0; r < in->rows; r++) {
            for (int32_t x = 0; x < in->width; x += TSR_GROUP) {
                const int32_t valid = in->width - x < TSR_GROUP ? in->width - x : TSR_GROUP;
                const tsr_dot_tile t = tsr_dot_tile_at(in, r, x, valid, block);
                for (int32_t p = 0; p < TSR_GROUP; p++) { // a constant trip count keeps the tile in registers
                    if (p >= valid) break;
                    const size_t pixel = (size_t)r * args->out_row_stride + (size_t)(x + p) * args->out_pixel_stride;
                    tsr_arm_store_pixel(t.acc[p], (const float *)(block + 64), first, n, pixel, args, &o);
                }
            }
        }
    }
}

#pragma clang attribute pop

#endif
