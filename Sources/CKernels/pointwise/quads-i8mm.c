// Pointwise into quads with smmla. A block's weights stay in L1 while all pixels of the strip pass; 4 pixels x 16
// channels make exactly one cell.
#if defined(__aarch64__)

#include "../arm/requant.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod+i8mm"))), apply_to = function)

#include "../arm/tile_mmla.h"

// Which code a row needs; constants wherever it is a parameter.
typedef struct row_kind {
    bool is_small, is_panel, is_whole; // is_whole: runs in fours
} row_kind;

// Rules are passed by value: what only points at them would be loaded again after every byte stored.
TSR_ARM_INLINE void tile(
    const int32_t pixels, const row_kind kind, const tsr_mmla_rule rule, const tsr_pixels in, const uint8_t *block,
    const tsr_mmla_block *b, const uint8_t *group, uint8_t *cell
) {
    const tsr_mmla_tile t = tsr_mmla_tile_at(pixels, kind.is_panel, kind.is_whole, &in, group, block, b);
    tsr_mmla_store_cell(kind.is_small, &t, b, pixels, &rule, cell);
}

TSR_ARM_INLINE void row(
    const row_kind kind, const tsr_mmla_rule rule, const tsr_pixels in, const uint8_t *block, const tsr_mmla_block *b,
    const uint8_t *group, uint8_t *cell
) {
    for (uint32_t groups = (uint32_t)in.width / TSR_GROUP; groups != 0; groups--) {
        tile(TSR_GROUP, kind, rule, in, block, b, group, cell);
        group += in.group_stride;
        cell += TSR_CELL_BYTES;
    }
    const int32_t left = in.width % TSR_GROUP;
    if (left == 3) tile(3, kind, rule, in, block, b, group, cell);
    if (left == 2) tile(2, kind, rule, in, block, b, group, cell);
    if (left == 1) tile(1, kind, rule, in, block, b, group, cell);
}

void tsr_pointwise_quads__i8mm(const tsr_pointwise_quads_args *args) {
    const tsr_pixels in = args->in;
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_MMLA8, in.runs);
    // From a panel, as in no network here, the general way.
    const bool is_panel = in.run_stride != 4, is_small = !is_panel && tsr_arm_is_small_and_even(args->output);
    const bool is_whole = in.runs % 4 == 0;
    const tsr_mmla_rule rule = tsr_mmla_rule_of(args->output);
    const uint8_t *block = args->weights;
    for (int32_t i = 0; i < args->blocks; i++, block += block_bytes) {
        const tsr_mmla_block b = tsr_mmla_block_of(block, is_small);
        for (int32_t r = 0; r < in.rows; r++) {
            const uint8_t *group = in.data + (size_t)r * in.row_stride;
            uint8_t *cell = args->out_rows[r] + (size_t)i * args->out_block_stride;
            if (is_small && is_whole) {
                row((row_kind){true, false, true}, rule, in, block, &b, group, cell);
            } else if (is_small) {
                row((row_kind){true, false, false}, rule, in, block, &b, group, cell);
            } else if (is_panel) {
                row((row_kind){false, true, false}, rule, in, block, &b, group, cell);
            } else {
                row((row_kind){false, false, false}, rule, in, block, &b, group, cell);
            }
        }
    }
}

#pragma clang attribute pop

#endif
