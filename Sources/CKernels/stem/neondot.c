// Stem 3x3 with sdot: gather four outputs' bytes once, then every block of 16 channels reads them as a panel of 9 runs.
#if defined(__aarch64__)

#include "../arm/stem_gather.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

#include "../arm/tile_dot.h"

void tsr_stem3x3__neondot(const tsr_stem3x3_args *args) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_DOT4);
    const tsr_arm_output o = tsr_arm_output_of(args->output);
    for (int32_t y = 0; y < args->out_height; y++) {
        for (int32_t x = 0; x < args->out_width; x += TSR_GROUP) {
            const int32_t valid = args->out_width - x < TSR_GROUP ? args->out_width - x : TSR_GROUP;
            uint8_t panel[TSR_STEM_PANEL_BYTES];
            tsr_arm_stem_gather(args->rows + 2 * (size_t)y, x / TSR_GROUP, valid, panel);
            for (int32_t b = 0; b < args->blocks; b++) {
                const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
                const tsr_dot_tile t = tsr_dot_tile_panel(TSR_GROUP, panel, TSR_STEM_RUNS, block);
                uint8_t *row = args->out_rows[y] + (size_t)b * args->out_block_stride;
                tsr_dot_store_cell(&t, block, valid, &o, row + (size_t)(x / TSR_GROUP) * TSR_CELL_BYTES);
            }
        }
    }
}

#pragma clang attribute pop

#endif
