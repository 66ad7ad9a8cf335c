// Pointwise into pixels on base ARMv8.0, with an optional skip. A block's weights stay in L1 while all pixels of the
// strip pass, two at a time; a last odd one is computed twice and stored once.
#if defined(__aarch64__)

#include "../arm/pixels_out.h"
#include "../arm/tile_mull.h"
#include "tsr_kernels.h"

TSR_ARM_INLINE void store(
    const tsr_mull_tile *t, const int32_t p, const uint8_t *block, int32_t first, int32_t n, size_t at,
    const tsr_pointwise_pixels_args *args, const tsr_arm_output *o
) {
    tsr_arm_store_pixel(
        tsr_mull_quarter(t, p, 0), tsr_mull_quarter(t, p, 1), tsr_mull_quarter(t, p, 2), tsr_mull_quarter(t, p, 3),
        (const float *)(block + 64), first, n, at + (size_t)p * args->out_pixel_stride, args, o, TSR_ARM_CONVERT
    );
}

// `pixels` (1 or 2, a constant) from pixel x, an even number, of row r.
TSR_ARM_INLINE void tile(
    const int32_t pixels, int32_t r, int32_t x, const uint8_t *block, const tsr_mull_bias *bias, int32_t first,
    int32_t n, const tsr_pointwise_pixels_args *args, const tsr_arm_output *o
) {
    const tsr_pixels *in = &args->in;
    const uint8_t *pixel = in->data + (size_t)r * in->row_stride + (size_t)(x / TSR_GROUP) * in->group_stride +
                           (size_t)(x % TSR_GROUP) * in->pixel_stride;
    const uint8_t *const from[TSR_MULL_PIXELS] = {pixel, pixels > 1 ? pixel + in->pixel_stride : pixel};
    const tsr_mull_tile t = tsr_mull_tile_of(pixels, from, in->run_stride, in->runs, block, bias);
    const size_t at = (size_t)r * args->out_row_stride + (size_t)x * args->out_pixel_stride;
    TSR_ARM_RELOAD(o);
    store(&t, 0, block, first, n, at, args, o);
    if (pixels > 1) store(&t, 1, block, first, n, at, args, o);
}

void tsr_pointwise_pixels__neon(const tsr_pointwise_pixels_args *args) {
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, args->in.runs);
    const tsr_arm_output o = tsr_arm_output_of(args->output);
    const uint8_t *block = args->weights;
    for (int32_t first = 0; first < args->channels; first += TSR_BLOCK, block += block_bytes) {
        const int32_t n = args->channels - first < TSR_BLOCK ? args->channels - first : TSR_BLOCK;
        const tsr_mull_bias bias = tsr_mull_bias_of(block);
        for (int32_t r = 0; r < args->in.rows; r++) {
            int32_t x = 0;
            for (; args->in.width - x >= TSR_MULL_PIXELS; x += TSR_MULL_PIXELS) {
                tile(TSR_MULL_PIXELS, r, x, block, &bias, first, n, args, &o);
            }
            if (x < args->in.width) tile(1, r, x, block, &bias, first, n, args, &o);
        }
    }
}

#endif
