// Stem 3x3 with sdot: gather four outputs' bytes once, then every block of 16 channels reads them as a panel of 9 runs.
#if defined(__aarch64__)

#include "../arm/stem_gather.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

#include "../arm/tile_dot.h"

enum { BLOCKS_AT_ONCE = 4 }; // their constants on the stack

// `blocks` blocks (1..BLOCKS_AT_ONCE) of one row.
static void row(
    const tsr_stem3x3_args *args, int32_t y, const uint8_t *weights, int32_t blocks, uint8_t *out, const bool is_small
) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_DOT4);
    const tsr_arm_output o = tsr_arm_output_of(args->output);
    const tsr_arm_small_output small = tsr_arm_small_output_of(args->output);
    tsr_arm_small s[BLOCKS_AT_ONCE];
    for (int32_t b = 0; b < blocks; b++)
        s[b] = tsr_arm_small_of(weights + (size_t)b * block_bytes);
    for (int32_t x = 0; x < args->out_width; x += TSR_GROUP, out += TSR_CELL_BYTES) {
        const int32_t valid = args->out_width - x < TSR_GROUP ? args->out_width - x : TSR_GROUP;
        uint8_t panel[TSR_STEM_PANEL_BYTES];
        tsr_arm_stem_gather(args->rows + 2 * (size_t)y, x / TSR_GROUP, valid, panel);
        for (int32_t b = 0; b < blocks; b++) {
            const uint8_t *block = weights + (size_t)b * block_bytes;
            uint8_t *cell = out + (size_t)b * args->out_block_stride;
            const int32_t *start = is_small ? s[b].start : (const int32_t *)block;
            const tsr_dot_tile t = tsr_dot_tile_panel(TSR_GROUP, panel, TSR_STEM_RUNS, block, start);
            if (is_small) {
                tsr_dot_store_cell_small(&t, block, valid, &args->output, s + b, &small, cell);
            } else {
                tsr_dot_store_cell(&t, block, valid, &o, cell);
            }
        }
    }
}

void tsr_stem3x3__neondot(const tsr_stem3x3_args *args) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_DOT4);
    const bool is_small = tsr_arm_is_small_and_even(args->output);
    for (int32_t b = 0; b < args->blocks; b += BLOCKS_AT_ONCE) {
        const int32_t blocks = args->blocks - b < BLOCKS_AT_ONCE ? args->blocks - b : BLOCKS_AT_ONCE;
        const uint8_t *weights = (const uint8_t *)args->weights + (size_t)b * block_bytes;
        for (int32_t y = 0; y < args->out_height; y++) {
            row(args, y, weights, blocks, args->out_rows[y] + (size_t)b * args->out_block_stride, is_small);
        }
    }
}

#pragma clang attribute pop

#endif
