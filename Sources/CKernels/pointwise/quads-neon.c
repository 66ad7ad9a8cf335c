// Pointwise into quads on base ARMv8.0. A block's weights stay in L1 while all pixels of the strip pass.
#if defined(__aarch64__)

#include "../arm/cells_mull.h"
#include "tsr_kernels.h"

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
                tsr_mull_cells(true, false, true, rule, in, group, block, &b, cell);
            } else if (is_small) {
                tsr_mull_cells(true, false, false, rule, in, group, block, &b, cell);
            } else if (!is_panel) {
                tsr_mull_cells(false, false, false, rule, in, group, block, &b, cell);
            } else {
                tsr_mull_cells(false, true, false, rule, in, group, block, &b, cell);
            }
        }
    }
}

#endif
