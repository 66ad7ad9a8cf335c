// Pointwise into quads with smmla; 4 pixels x 16 channels make exactly one cell. Rows of pixels are arranged for smmla
// once, then a block's weights stay in L1 while all of them pass.
#if defined(__aarch64__)

#include "../arm/requant.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod+i8mm"))), apply_to = function)

#include "../arm/arrange_mmla.h"

enum { ARRANGED_BYTES = 16384 }; // of rows at a time, on the stack

// Rules are passed by value: what only points at them would be loaded again after every byte stored.

// Small results from pixels; a row arranged takes `row_bytes`, at most ARRANGED_BYTES.
static void arranged(const tsr_pointwise_quads_args *args, size_t row_bytes) {
    const tsr_pixels in = args->in;
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_MMLA8, in.runs);
    const tsr_mmla_rule rule = tsr_mmla_rule_of(args->output);
    const int32_t cells = (in.runs + 1) / 2;
    const tsr_mmla_cells kind = tsr_mmla_cells_of(cells);
    const int32_t at_once = (int32_t)(ARRANGED_BYTES / row_bytes);
    _Alignas(64) uint8_t arranged[ARRANGED_BYTES];
    for (int32_t first = 0; first < in.rows; first += at_once) {
        const int32_t rows = in.rows - first < at_once ? in.rows - first : at_once;
        for (int32_t r = 0; r < rows; r++) {
            const uint8_t *row = in.data + (size_t)(first + r) * in.row_stride;
            tsr_arrange_row(row, in.pixel_stride, in.width, in.runs, arranged + (size_t)r * row_bytes);
        }
        const uint8_t *block = args->weights;
        for (int32_t i = 0; i < args->blocks; i++, block += block_bytes) {
            const tsr_mmla_block b = tsr_mmla_block_of(block, /* is_small= */ true);
            const int8_t *from = (const int8_t *)arranged;
            for (int32_t r = 0; r < rows; r++) {
                uint8_t *cell = args->out_rows[first + r] + (size_t)i * args->out_block_stride;
                tsr_arranged_row(kind, rule, &from, cells, in.width, block, &b, cell);
            }
        }
    }
}

// ---- everything else: any results, from a panel, or rows that are too long, as in no network here
// --------------------

TSR_ARM_INLINE void tile(
    const int32_t pixels, const bool is_panel, const tsr_mmla_rule rule, const tsr_pixels in, const uint8_t *block,
    const tsr_mmla_block *b, const uint8_t *group, uint8_t *cell
) {
    const uint8_t *parts;
    const tsr_mmla_tile t = tsr_mmla_tile_at(pixels, is_panel, /* is_whole= */ false, &in, group, block, b, &parts);
    tsr_mmla_store_cell(/* is_apart= */ false, &t, b, pixels, &rule, cell);
}

TSR_ARM_INLINE void row(
    const bool is_panel, const tsr_mmla_rule rule, const tsr_pixels in, const uint8_t *block, const tsr_mmla_block *b,
    const uint8_t *group, uint8_t *cell
) {
    for (uint32_t groups = (uint32_t)in.width / TSR_GROUP; groups != 0; groups--) {
        tile(TSR_GROUP, is_panel, rule, in, block, b, group, cell);
        group += in.group_stride;
        cell += TSR_CELL_BYTES;
    }
    const int32_t left = in.width % TSR_GROUP;
    if (left == 3) tile(3, is_panel, rule, in, block, b, group, cell);
    if (left == 2) tile(2, is_panel, rule, in, block, b, group, cell);
    if (left == 1) tile(1, is_panel, rule, in, block, b, group, cell);
}

void tsr_pointwise_quads__i8mm(const tsr_pointwise_quads_args *args) {
    const tsr_pixels in = args->in;
    const bool is_panel = in.run_stride != 4;
    const int32_t groups = (in.width + TSR_GROUP - 1) / TSR_GROUP;
    const size_t row_bytes = (size_t)groups * (size_t)((in.runs + 1) / 2) * TSR_ARRANGED_CELL_BYTES;
    if (!is_panel && tsr_arm_is_small_and_even(args->output) && row_bytes <= ARRANGED_BYTES) {
        arranged(args, row_bytes);
        return;
    }
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_MMLA8, in.runs);
    const tsr_mmla_rule rule = tsr_mmla_rule_of(args->output);
    const uint8_t *block = args->weights;
    for (int32_t i = 0; i < args->blocks; i++, block += block_bytes) {
        const tsr_mmla_block b = tsr_mmla_block_of(block, /* is_small= */ false);
        for (int32_t r = 0; r < in.rows; r++) {
            const uint8_t *group = in.data + (size_t)r * in.row_stride;
            uint8_t *cell = args->out_rows[r] + (size_t)i * args->out_block_stride;
            if (is_panel) {
                row(true, rule, in, block, &b, group, cell);
            } else {
                row(false, rule, in, block, &b, group, cell);
            }
        }
    }
}

#pragma clang attribute pop

#endif
