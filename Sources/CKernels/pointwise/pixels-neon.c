// Pointwise into pixels on base ARMv8.0, with an optional skip. A block's weights stay in L1 while all pixels of the
// strip pass, two at a time; a last odd one is computed twice and stored once.
#if defined(__aarch64__)

#include "../arm/pixels_out.h"
#include "../arm/tile_mull.h"
#include "tsr_kernels.h"

// Passed by value: what only points at it would be loaded again after every byte stored.
typedef struct block_job {
    tsr_pointwise_pixels_args args;
    tsr_mull_rule rule;
    const uint8_t *block;
    int32_t first, channels; // of the output
} block_job;

// Which code a row needs; constants wherever it is a parameter.
typedef struct row_kind {
    bool is_small, is_panel, is_even, has_skip; // is_even: the number of runs
} row_kind;

TSR_ARM_INLINE void store(
    const tsr_mull_tile *t, const int32_t p, const row_kind kind, const block_job *job, const tsr_mull_block *b,
    size_t at
) {
    const float *multiplier = (const float *)(job->block + 64);
    at += (size_t)p * job->args.out_pixel_stride;
    if (kind.is_small) {
        tsr_arm_store_small_pixel(
            tsr_mull_quarter(t, p, 0), tsr_mull_quarter(t, p, 1), tsr_mull_quarter(t, p, 2), tsr_mull_quarter(t, p, 3),
            multiplier, job->first, job->channels, kind.has_skip, at, &job->args, b->addend, &job->rule.small
        );
    } else {
        tsr_arm_store_pixel(
            tsr_mull_quarter(t, p, 0), tsr_mull_quarter(t, p, 1), tsr_mull_quarter(t, p, 2), tsr_mull_quarter(t, p, 3),
            multiplier, job->first, job->channels, at, &job->args, &job->rule.general, TSR_ARM_CONVERT
        );
    }
}

// `pixels` (1 or 2, a constant) from `pixel` on, to byte offset `at` of the output.
TSR_ARM_INLINE void tile(
    const int32_t pixels, const row_kind kind, const block_job job, const tsr_mull_block *b, const uint8_t *pixel,
    size_t at
) {
    const tsr_pixels *in = &job.args.in;
    const uint8_t *const from[TSR_MULL_PIXELS] = {pixel, pixels > 1 ? pixel + in->pixel_stride : pixel};
    const tsr_mull_tile t = tsr_mull_tile_of(pixels, kind.is_panel, kind.is_even, from, in->runs, job.block, b);
    store(&t, 0, kind, &job, b, at);
    if (pixels > 1) store(&t, 1, kind, &job, b, at);
}

TSR_ARM_INLINE void row(
    const row_kind kind, const block_job job, const tsr_mull_block *b, const uint8_t *group, size_t at
) {
    const tsr_pixels *in = &job.args.in;
    const size_t second_half = 2 * in->pixel_stride;
    const uint8_t *pixel = group;
    int32_t x = 0;
    for (; in->width - x >= TSR_MULL_PIXELS; x += TSR_MULL_PIXELS) {
        tile(TSR_MULL_PIXELS, kind, job, b, pixel, at);
        pixel += x % TSR_GROUP == 0 ? second_half : in->group_stride - second_half;
        at += TSR_MULL_PIXELS * job.args.out_pixel_stride;
    }
    if (x < in->width) tile(1, kind, job, b, pixel, at);
}

void tsr_pointwise_pixels__neon(const tsr_pointwise_pixels_args *args) {
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, args->in.runs);
    const bool has_skip = args->skip != NULL, is_panel = args->in.run_stride != 4;
    const bool is_even = args->in.runs % 2 == 0;
    // A skip beside pixels and an odd number of runs in a panel, as in no network here, take the general way.
    const bool is_small = tsr_arm_pixels_are_small(args) && (is_panel ? is_even : !has_skip);
    block_job job = {.args = *args, .rule = tsr_mull_rule_of(args->output), .block = args->weights};
    for (; job.first < args->channels; job.first += TSR_BLOCK, job.block += block_bytes) {
        job.channels = args->channels - job.first < TSR_BLOCK ? args->channels - job.first : TSR_BLOCK;
        const tsr_mull_block b = tsr_mull_block_of(job.block, is_small);
        for (int32_t r = 0; r < args->in.rows; r++) {
            const uint8_t *group = args->in.data + (size_t)r * args->in.row_stride;
            const size_t at = (size_t)r * args->out_row_stride;
            if (is_small && is_panel && is_even && has_skip) {
                row((row_kind){true, true, true, true}, job, &b, group, at);
            } else if (is_small && is_panel && is_even) {
                row((row_kind){true, true, true, false}, job, &b, group, at);
            } else if (is_small && !is_panel) {
                row((row_kind){true, false, false, false}, job, &b, group, at);
            } else if (is_panel) {
                row((row_kind){false, true, false, true}, job, &b, group, at);
            } else {
                row((row_kind){false, false, false, true}, job, &b, group, at);
            }
        }
    }
}

#endif
