// Stem 3x3 on base ARMv8.0: rows are gathered once, then every block of 16 channels reads them as a panel of 7 runs.
#if defined(__aarch64__)

#include "../arm/cells_mull.h"
#include "../arm/stem_gather.h"
#include "tsr_kernels.h"

enum { GROUPS_AT_ONCE = 64 }; // gathered on the stack

// One block of one row of outputs.
TSR_ARM_INLINE void block_row(
    const bool is_small, const tsr_mull_rule *rule, const uint8_t *panel, int32_t width, const uint8_t *block,
    uint8_t *cell
) {
    const tsr_mull_block b = tsr_mull_block_of(block, is_small);
    const tsr_pixels in = {
        .group_stride = TSR_STEM_PANEL_BYTES,
        .pixel_stride = 4,
        .run_stride = 16,
        .width = width,
        .runs = TSR_STEM_RUNS};
    tsr_mull_cells(is_small, /* is_panel= */ true, /* is_even= */ false, *rule, in, panel, block, &b, cell);
}

void tsr_stem3x3__neon(const tsr_stem3x3_args *args) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_DOT4_TIGHT);
    const bool is_small = tsr_arm_is_small_and_even(args->output);
    const tsr_mull_rule rule = tsr_mull_rule_of(args->output);
    const tsr_stem_order order = tsr_stem_order_of();
    uint8_t panel[GROUPS_AT_ONCE * TSR_STEM_PANEL_BYTES];
    for (int32_t y = 0; y < args->out_height; y++) {
        const uint8_t *const *rows = args->rows + 2 * (size_t)y;
        for (int32_t x = 0; x < args->out_width; x += GROUPS_AT_ONCE * TSR_GROUP) {
            const int32_t left = args->out_width - x;
            const int32_t width = left < GROUPS_AT_ONCE * TSR_GROUP ? left : GROUPS_AT_ONCE * TSR_GROUP;
            tsr_arm_stem_gather_row(rows, x / TSR_GROUP, width, &order, panel);
            for (int32_t b = 0; b < args->blocks; b++) {
                const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
                uint8_t *cell = args->out_rows[y] + (size_t)b * args->out_block_stride;
                cell += (size_t)x / TSR_GROUP * TSR_CELL_BYTES;
                if (is_small) {
                    block_row(true, &rule, panel, width, block, cell);
                } else {
                    block_row(false, &rule, panel, width, block, cell);
                }
            }
        }
    }
}

#endif
