// Stem 3x3 with sdot: gather four outputs' bytes once, then every block of 16 channels reads them as a panel of 7 runs.
#if defined(__aarch64__)

#include "../arm/stem_gather.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

#include "../arm/tile_dot.h"

enum { BLOCKS_AT_ONCE = 4 }; // their constants on the stack

// A group's outputs, of which `valid` are in the row: constants, like is_small, for all but its end.
TSR_ARM_INLINE void tile(
    const bool is_small, const int32_t valid, const tsr_output output, const uint8_t *panel, const uint8_t *block,
    const tsr_arm_small *s, const tsr_arm_output *o, const tsr_arm_small_output *small, uint8_t *cell
) {
    const int32_t *start = is_small ? s->start : (const int32_t *)block;
    const tsr_dot_tile t = tsr_dot_tile_panel(TSR_GROUP, false, panel, TSR_STEM_RUNS, block, start);
    if (is_small) {
        tsr_dot_store_cell_small(&t, block, valid, &output, s, small, cell);
    } else {
        tsr_dot_store_cell(&t, block, valid, o, cell);
    }
}

// `blocks` blocks (1..BLOCKS_AT_ONCE) of one row.
TSR_ARM_INLINE void row(
    const bool is_small, const tsr_stem3x3_args *args, int32_t y, const uint8_t *weights, int32_t blocks, uint8_t *out
) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_DOT4_TIGHT), block_stride = args->out_block_stride;
    const tsr_output output = args->output;
    const tsr_arm_output o = tsr_arm_output_of(output);
    const tsr_arm_small_output small = tsr_arm_small_output_of(output);
    const tsr_stem_order order = tsr_stem_order_of();
    const uint8_t *const *rows = args->rows + 2 * (size_t)y;
    const int32_t groups = args->out_width / TSR_GROUP, rest = args->out_width % TSR_GROUP;
    tsr_arm_small s[BLOCKS_AT_ONCE];
    for (int32_t b = 0; b < blocks; b++)
        s[b] = tsr_arm_small_of(weights + (size_t)b * block_bytes);
    uint8_t panel[TSR_STEM_PANEL_BYTES];
    for (int32_t g = 0; g < groups; g++, out += TSR_CELL_BYTES) {
        tsr_arm_stem_gather(rows, g, &order, panel);
        const uint8_t *block = weights;
        uint8_t *cell = out;
        for (int32_t b = 0; b < blocks; b++, block += block_bytes, cell += block_stride)
            tile(is_small, TSR_GROUP, output, panel, block, s + b, &o, &small, cell);
    }
    if (rest == 0) return;
    tsr_arm_stem_gather_end(rows, groups, rest, &order, panel);
    for (int32_t b = 0; b < blocks; b++) {
        const uint8_t *block = weights + (size_t)b * block_bytes;
        tile(is_small, rest, output, panel, block, s + b, &o, &small, out + (size_t)b * block_stride);
    }
}

void tsr_stem3x3__neondot(const tsr_stem3x3_args *args) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_DOT4_TIGHT);
    const bool is_small = tsr_arm_is_small_and_even(args->output);
    for (int32_t b = 0; b < args->blocks; b += BLOCKS_AT_ONCE) {
        const int32_t blocks = args->blocks - b < BLOCKS_AT_ONCE ? args->blocks - b : BLOCKS_AT_ONCE;
        const uint8_t *weights = (const uint8_t *)args->weights + (size_t)b * block_bytes;
        for (int32_t y = 0; y < args->out_height; y++) {
            uint8_t *out = args->out_rows[y] + (size_t)b * args->out_block_stride;
            if (is_small) {
                row(true, args, y, weights, blocks, out);
            } else {
                row(false, args, y, weights, blocks, out);
            }
        }
    }
}

#pragma clang attribute pop

#endif
