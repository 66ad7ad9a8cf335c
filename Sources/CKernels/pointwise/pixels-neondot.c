// Pointwise into pixels with sdot, with an optional skip. A block's weights stay in L1 while all pixels of the strip
// pass.
#if defined(__aarch64__)

#include "../arm/pixels_out.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

#include "../arm/tile_dot.h"

TSR_ARM_INLINE void store(
    const tsr_dot_tile *t, const int32_t p, const uint8_t *block, int32_t first, int32_t n, size_t at,
    const tsr_pointwise_pixels_args *args, const tsr_arm_output *o
) {
    const size_t pixel = at + (size_t)p * args->out_pixel_stride;
    const float *multiplier = (const float *)(block + 64);
    tsr_arm_store_pixel(
        t->acc[p][0], t->acc[p][1], t->acc[p][2], t->acc[p][3], multiplier, first, n, pixel, args, o, TSR_ARM_ADD_MAGIC
    );
}

TSR_ARM_INLINE void tile(
    const int32_t pixels, int32_t r, int32_t x, const uint8_t *block, int32_t first, int32_t n,
    const tsr_pointwise_pixels_args *args, const tsr_arm_output *o
) {
    const tsr_dot_tile t = tsr_dot_tile_at(pixels, &args->in, r, x, block);
    const size_t at = (size_t)r * args->out_row_stride + (size_t)x * args->out_pixel_stride;
    store(&t, 0, block, first, n, at, args, o);
    if (pixels > 1) store(&t, 1, block, first, n, at, args, o);
    if (pixels > 2) store(&t, 2, block, first, n, at, args, o);
    if (pixels > 3) store(&t, 3, block, first, n, at, args, o);
}

void tsr_pointwise_pixels__neondot(const tsr_pointwise_pixels_args *args) {
    const int32_t width = args->in.width;
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, args->in.runs);
    const tsr_arm_output o = tsr_arm_output_of(args->output);
    const uint8_t *block = args->weights;
    for (int32_t first = 0; first < args->channels; first += TSR_BLOCK, block += block_bytes) {
        const int32_t n = args->channels - first < TSR_BLOCK ? args->channels - first : TSR_BLOCK;
        for (int32_t r = 0; r < args->in.rows; r++) {
            int32_t x = 0;
            for (; width - x >= TSR_GROUP; x += TSR_GROUP)
                tile(TSR_GROUP, r, x, block, first, n, args, &o);
            if (width - x == 3) tile(3, r, x, block, first, n, args, &o);
            if (width - x == 2) tile(2, r, x, block, first, n, args, &o);
            if (width - x == 1) tile(1, r, x, block, first, n, args, &o);
        }
    }
}

#pragma clang attribute pop

#endif
