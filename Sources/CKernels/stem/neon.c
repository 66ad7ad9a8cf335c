// Stem 3x3 on base ARMv8.0: gather four outputs' bytes once, then every block of 16 channels reads them as a panel of 9
// runs.
#if defined(__aarch64__)

#include "../arm/stem_gather.h"
#include "../arm/tile_mull.h"
#include "tsr_kernels.h"

void tsr_stem3x3__neon(const tsr_stem3x3_args *args) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_DOT4);
    const bool is_small = tsr_arm_is_small_and_even(args->output);
    const tsr_mull_rule rule = tsr_mull_rule_of(args->output);
    const tsr_stem_order order = tsr_stem_order_of();
    for (int32_t b = 0; b < args->blocks; b++) {
        const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
        const tsr_mull_block constants = tsr_mull_block_of(block, is_small);
        for (int32_t y = 0; y < args->out_height; y++) {
            uint8_t *cell = args->out_rows[y] + (size_t)b * args->out_block_stride;
            for (int32_t x = 0; x < args->out_width; x += TSR_GROUP, cell += TSR_CELL_BYTES) {
                const int32_t valid = args->out_width - x < TSR_GROUP ? args->out_width - x : TSR_GROUP;
                uint8_t panel[TSR_STEM_PANEL_BYTES];
                const uint8_t *const *rows = args->rows + 2 * (size_t)y;
                if (valid == TSR_GROUP) {
                    tsr_arm_stem_gather(rows, x / TSR_GROUP, &order, panel);
                } else {
                    tsr_arm_stem_gather_end(rows, x / TSR_GROUP, valid, &order, panel);
                }
                if (is_small) {
                    tsr_mull_small_cell(true, false, panel, 4, TSR_STEM_RUNS, block, &constants, valid, &rule, cell);
                } else {
                    tsr_mull_cell(true, panel, 4, TSR_STEM_RUNS, block, &constants, valid, &rule, cell);
                }
            }
        }
    }
}

#endif
