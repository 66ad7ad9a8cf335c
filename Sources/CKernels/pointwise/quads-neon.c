// Pointwise into quads on base ARMv8.0. A block's weights stay in L1 while all pixels of the strip pass.
#if defined(__aarch64__)

#include "../arm/tile_mull.h"
#include "tsr_kernels.h"

// Rules are passed by value: what only points at them would be loaded again after every byte stored.
TSR_ARM_INLINE void row(
    const bool is_small, const bool is_panel, const bool is_even, const tsr_mull_rule rule, const tsr_pixels in,
    const uint8_t *group, const uint8_t *block, const tsr_mull_block *b, uint8_t *cell
) {
    for (uint32_t groups = (uint32_t)in.width / TSR_GROUP; groups != 0; groups--) {
        if (is_small) {
            tsr_mull_small_cell(is_panel, is_even, group, in.pixel_stride, in.runs, block, b, TSR_GROUP, &rule, cell);
        } else {
            tsr_mull_cell(is_panel, group, in.pixel_stride, in.runs, block, b, TSR_GROUP, &rule, cell);
        }
        group += in.group_stride;
        cell += TSR_CELL_BYTES;
    }
    const int32_t rest = in.width % TSR_GROUP;
    if (rest == 0) return;
    if (is_small && rest == 3) {
        tsr_mull_small_cell(is_panel, is_even, group, in.pixel_stride, in.runs, block, b, 3, &rule, cell);
    } else if (is_small && rest == 2) {
        tsr_mull_small_cell(is_panel, is_even, group, in.pixel_stride, in.runs, block, b, 2, &rule, cell);
    } else if (is_small) {
        tsr_mull_small_cell(is_panel, is_even, group, in.pixel_stride, in.runs, block, b, 1, &rule, cell);
    } else {
        tsr_mull_cell(is_panel, group, in.pixel_stride, in.runs, block, b, rest, &rule, cell);
    }
}

void tsr_pointwise_quads__neon(const tsr_pointwise_quads_args *args) {
    const tsr_pixels in = args->in;
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, in.runs);
    // From a panel, as in no network here, the general way.
    const bool is_panel = in.run_stride != 4, is_small = !is_panel && tsr_arm_is_small_and_even(args->output);
    const bool is_even = in.runs % 2 == 0;
    const tsr_mull_rule rule = tsr_mull_rule_of(args->output);
    const uint8_t *block = args->weights;
    for (int32_t i = 0; i < args->blocks; i++, block += block_bytes) {
        const tsr_mull_block b = tsr_mull_block_of(block, is_small);
        for (int32_t r = 0; r < in.rows; r++) {
            uint8_t *cell = args->out_rows[r] + (size_t)i * args->out_block_stride;
            const uint8_t *group = in.data + (size_t)r * in.row_stride;
            if (is_small && is_even) {
                row(true, false, true, rule, in, group, block, &b, cell);
            } else if (is_small) {
                row(true, false, false, rule, in, group, block, &b, cell);
            } else if (!is_panel) {
                row(false, false, false, rule, in, group, block, &b, cell);
            } else {
                row(false, true, false, rule, in, group, block, &b, cell);
            }
        }
    }
}

#endif
