// Stem 3x3 with smmla: rows are arranged once, then every block of 16 channels reads them, 27 taps as 32.
#if defined(__aarch64__)

#include "../arm/stem_gather.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod+i8mm"))), apply_to = function)

#include "../arm/arrange_mmla.h"

enum { GROUPS_AT_ONCE = 64 }; // arranged on the stack

// One block of `width` outputs, at most what is arranged.
static void block_row(
    const tsr_mmla_rule *rule, bool is_small, const uint8_t *arranged, int32_t width, const uint8_t *block,
    uint8_t *cell
) {
    const tsr_mmla_block b = tsr_mmla_block_of(block, is_small);
    const int8_t *in = (const int8_t *)arranged;
    // Pairs are (0, 2) and (1, 3) in a last group of one or two, too.
    const int32_t whole = width % TSR_GROUP == 0 || width % TSR_GROUP == 3 ? width : width / TSR_GROUP * TSR_GROUP;
    if (is_small) {
        tsr_arranged_row_of(TSR_MMLA_FOUR_CELLS, *rule, &in, TSR_STEM_CELLS, whole, block, &b, cell);
        width -= whole;
        cell += (size_t)whole / TSR_GROUP * TSR_CELL_BYTES;
    }
    for (; width > 0; width -= TSR_GROUP, cell += TSR_CELL_BYTES) {
        const uint8_t *parts;
        const int32_t valid = width < TSR_GROUP ? width : TSR_GROUP;
        tsr_mmla_tile t = tsr_mmla_tile_arranged(2, 32, TSR_MMLA_FOUR_CELLS, &in, TSR_STEM_CELLS, block, &b, &parts);
        if (is_small) {
            tsr_mmla_store_small_cell(&t, parts, 3, rule, cell);
            const uint8x16_t keep = tsr_arm_keep(valid);
            for (int32_t i = 0; i < TSR_CELL_BYTES; i += 16)
                vst1q_u8(cell + i, vbslq_u8(keep, vld1q_u8(cell + i), rule->zero_point));
        } else {
            tsr_mmla_store_cell(/* is_apart= */ true, &t, &b, valid, rule, cell);
        }
    }
}

void tsr_stem3x3__i8mm(const tsr_stem3x3_args *args) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_MMLA8);
    const bool is_small = tsr_arm_is_small_and_even(args->output);
    const tsr_mmla_rule rule = tsr_mmla_rule_of(args->output);
    const tsr_stem_pairs order = tsr_stem_pairs_of();
    _Alignas(64) uint8_t arranged[GROUPS_AT_ONCE * TSR_STEM_ARRANGED_BYTES];
    for (int32_t y = 0; y < args->out_height; y++) {
        const uint8_t *const rows[3] = {args->rows[2 * y], args->rows[2 * y + 1], args->rows[2 * y + 2]};
        for (int32_t x = 0; x < args->out_width; x += GROUPS_AT_ONCE * TSR_GROUP) {
            const int32_t left = args->out_width - x;
            const int32_t width = left < GROUPS_AT_ONCE * TSR_GROUP ? left : GROUPS_AT_ONCE * TSR_GROUP;
            const int32_t groups = width / TSR_GROUP, rest = width % TSR_GROUP;
            uint8_t *out = arranged;
            for (int32_t g = x / TSR_GROUP; g < x / TSR_GROUP + groups; g++, out += TSR_STEM_ARRANGED_BYTES)
                tsr_arm_stem_arrange(rows, g, &order, out);
            if (rest != 0) tsr_arm_stem_arrange_end(rows, x / TSR_GROUP + groups, rest, &order, out);
            for (int32_t b = 0; b < args->blocks; b++) {
                uint8_t *cell = args->out_rows[y] + (size_t)b * args->out_block_stride;
                const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
                block_row(&rule, is_small, arranged, width, block, cell + (size_t)x / TSR_GROUP * TSR_CELL_BYTES);
            }
        }
    }
}

#pragma clang attribute pop

#endif
