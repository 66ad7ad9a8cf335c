// Pointwise into quads with sdot. A block's weights stay in L1 while all pixels of the strip pass; 4 pixels x 16
// channels make exactly one cell.
#if defined(__aarch64__)

#include "../arm/requant.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

#include "../arm/tile_dot.h"

typedef struct quads_job {
    const uint8_t *block;
    tsr_output output;
    tsr_arm_output rule;
    tsr_arm_small_output small_rule;
} quads_job;

// Which code a row needs; constants wherever it is a parameter.
typedef struct row_kind {
    bool is_small, is_panel, is_whole; // is_whole: runs in fours
} row_kind;

// Jobs are passed by value: what only points at them would be loaded again after every byte stored.
TSR_ARM_INLINE void tile(
    const int32_t pixels, const row_kind kind, const quads_job job, const tsr_pixels in, const tsr_arm_small *s,
    const uint8_t *group, uint8_t *cell
) {
    const int32_t *start = kind.is_small ? s->start : (const int32_t *)job.block;
    const tsr_dot_tile t = tsr_dot_tile_at(pixels, kind.is_panel, kind.is_whole, &in, group, job.block, start);
    if (kind.is_small) {
        tsr_dot_store_cell_small(&t, job.block, pixels, &job.output, s, &job.small_rule, cell);
    } else {
        tsr_dot_store_cell(&t, job.block, pixels, &job.rule, cell);
    }
}

TSR_ARM_INLINE void row(
    const row_kind kind, const quads_job job, const tsr_pixels in, const tsr_arm_small *s, const uint8_t *group,
    uint8_t *cell
) {
    for (uint32_t groups = (uint32_t)in.width / TSR_GROUP; groups != 0; groups--) {
        tile(TSR_GROUP, kind, job, in, s, group, cell);
        group += in.group_stride;
        cell += TSR_CELL_BYTES;
    }
    const int32_t left = in.width % TSR_GROUP;
    if (left == 3) tile(3, kind, job, in, s, group, cell);
    if (left == 2) tile(2, kind, job, in, s, group, cell);
    if (left == 1) tile(1, kind, job, in, s, group, cell);
}

void tsr_pointwise_quads__neondot(const tsr_pointwise_quads_args *args) {
    const tsr_pixels in = args->in;
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, in.runs);
    const bool is_small = tsr_arm_is_small_and_even(args->output), is_panel = in.run_stride != 4;
    const bool is_whole = in.runs % 4 == 0;
    quads_job job = {
        .block = args->weights,
        .output = args->output,
        .rule = tsr_arm_output_of(args->output),
        .small_rule = tsr_arm_small_output_of(args->output),
    };
    for (int32_t b = 0; b < args->blocks; b++, job.block += block_bytes) {
        const tsr_arm_small s = tsr_arm_small_of(job.block);
        for (int32_t r = 0; r < in.rows; r++) {
            const uint8_t *group = in.data + (size_t)r * in.row_stride;
            uint8_t *cell = args->out_rows[r] + (size_t)b * args->out_block_stride;
            if (is_small && !is_panel && is_whole) {
                row((row_kind){true, false, true}, job, in, &s, group, cell);
            } else if (is_small && !is_panel) {
                row((row_kind){true, false, false}, job, in, &s, group, cell);
            } else if (is_panel) {
                row((row_kind){false, true, false}, job, in, &s, group, cell);
            } else {
                row((row_kind){false, false, false}, job, in, &s, group, cell);
            }
        }
    }
}

#pragma clang attribute pop

#endif
