// Pointwise into quads with sdot. A block's weights stay in L1 while all pixels of the strip pass; 4 pixels x 16
// channels make exactly one cell.
#if defined(__aarch64__)

#include "../arm/requant.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

#include "../arm/tile_dot.h"

TSR_ARM_INLINE void tile(
    const int32_t pixels, const tsr_pixels *in, int32_t r, int32_t x, const uint8_t *block, const tsr_arm_output *o,
    uint8_t *row
) {
    const tsr_dot_tile t = tsr_dot_tile_at(pixels, in, r, x, block);
    tsr_dot_store_cell(&t, block, pixels, o, row + (size_t)(x / TSR_GROUP) * TSR_CELL_BYTES);
}

void tsr_pointwise_quads__neondot(const tsr_pointwise_quads_args *args) {
    const tsr_pixels *in = &args->in;
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, in->runs);
    const tsr_arm_output o = tsr_arm_output_of(args->output);
    for (int32_t b = 0; b < args->blocks; b++) {
        const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
        for (int32_t r = 0; r < in->rows; r++) {
            uint8_t *row = args->out_rows[r] + (size_t)b * args->out_block_stride;
            int32_t x = 0;
            for (; in->width - x >= TSR_GROUP; x += TSR_GROUP)
                tile(TSR_GROUP, in, r, x, block, &o, row);
            if (in->width - x == 3) tile(3, in, r, x, block, &o, row);
            if (in->width - x == 2) tile(2, in, r, x, block, &o, row);
            if (in->width - x == 1) tile(1, in, r, x, block, &o, row);
        }
    }
}

#pragma clang attribute pop

#endif
