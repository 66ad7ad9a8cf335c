// Stem 3x3 with smmla: gather four outputs' bytes once, then every block of 16 channels reads them as a panel of 9
// runs.
#if defined(__aarch64__)

#include "../arm/stem_gather.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod+i8mm"))), apply_to = function)

#include "../arm/tile_mmla.h"

enum { BLOCKS_AT_ONCE = 4 }; // their constants on the stack

// `blocks` blocks (1..BLOCKS_AT_ONCE) of one row.
TSR_ARM_INLINE void row(
    const bool is_small, const tsr_stem3x3_args *args, int32_t y, const uint8_t *weights, int32_t blocks, uint8_t *out
) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_MMLA8), block_stride = args->out_block_stride;
    const tsr_stem_order order = tsr_stem_order_of();
    const uint8_t *const *rows = args->rows + 2 * (size_t)y;
    const int32_t groups = args->out_width / TSR_GROUP, rest = args->out_width % TSR_GROUP;
    const tsr_mmla_rule rule = tsr_mmla_rule_of(args->output);
    tsr_mmla_block constants[BLOCKS_AT_ONCE];
    for (int32_t b = 0; b < blocks; b++)
        constants[b] = tsr_mmla_block_of(weights + (size_t)b * block_bytes, is_small);
    uint8_t panel[TSR_STEM_PANEL_BYTES];
    for (int32_t g = 0; g < groups; g++, out += TSR_CELL_BYTES) {
        tsr_arm_stem_gather(rows, g, &order, panel);
        const uint8_t *block = weights;
        uint8_t *cell = out;
        for (int32_t b = 0; b < blocks; b++, block += block_bytes, cell += block_stride) {
            const tsr_mmla_tile t =
                tsr_mmla_tile_panel(TSR_MMLA_HALVES, false, panel, TSR_STEM_RUNS, block, constants + b);
            tsr_mmla_store_cell(is_small, &t, constants + b, TSR_GROUP, &rule, cell);
        }
    }
    if (rest == 0) return;
    tsr_arm_stem_gather_end(rows, groups, rest, &order, panel);
    for (int32_t b = 0; b < blocks; b++) {
        const uint8_t *block = weights + (size_t)b * block_bytes;
        const tsr_mmla_tile t = tsr_mmla_tile_panel(TSR_MMLA_HALVES, false, panel, TSR_STEM_RUNS, block, constants + b);
        tsr_mmla_store_cell(is_small, &t, constants + b, rest, &rule, out + (size_t)b * block_stride);
    }
}

void tsr_stem3x3__i8mm(const tsr_stem3x3_args *args) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_MMLA8);
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
