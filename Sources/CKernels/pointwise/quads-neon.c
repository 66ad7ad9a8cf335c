// Pointwise into quads on base ARMv8.0. A block's weights stay in L1 while all pixels of the strip pass.
#if defined(__aarch64__)

#include "../arm/tile_mull.h"
#include "tsr_kernels.h"

// Rules are passed by value: what only points at them would be loaded again after every byte stored.
TSR_ARM_INLINE void row(
    const bool is_small, const tsr_mull_rule rule, const tsr_pixels in, int32_t r, const uint8_t *block,
    const tsr_mull_block *b, uint8_t *cell
) {
    for (int32_t x = 0; x < in.width; x += TSR_GROUP, cell += TSR_CELL_BYTES) {
        const int32_t valid = in.width - x < TSR_GROUP ? in.width - x : TSR_GROUP;
        const uint8_t *pixels[TSR_GROUP];
        tsr_mull_pixels_at(&in, r, x, valid, pixels);
        if (is_small) {
            tsr_mull_small_cell(pixels, in.run_stride, in.runs, block, b, valid, &rule, cell);
        } else {
            tsr_mull_cell(pixels, in.run_stride, in.runs, block, b, valid, &rule, cell);
        }
    }
}

void tsr_pointwise_quads__neon(const tsr_pointwise_quads_args *args) {
    const tsr_pixels in = args->in;
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, in.runs);
    const bool is_small = tsr_arm_is_small_and_even(args->output);
    const tsr_mull_rule rule = tsr_mull_rule_of(args->output);
    const uint8_t *block = args->weights;
    for (int32_t i = 0; i < args->blocks; i++, block += block_bytes) {
        const tsr_mull_block b = tsr_mull_block_of(block, is_small);
        for (int32_t r = 0; r < in.rows; r++) {
            uint8_t *cell = args->out_rows[r] + (size_t)i * args->out_block_stride;
            if (is_small) {
                row(true, rule, in, r, block, &b, cell);
            } else {
                row(false, rule, in, r, block, &b, cell);
            }
        }
    }
}

#endif
