// Pointwise into pixels with sdot, with an optional skip. A block's weights stay in L1 while all pixels of the strip
// pass.
#if defined(__aarch64__)

#include "../arm/pixels_out.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod"))), apply_to = function)

#include "../arm/tile_dot.h"

// What does not change while a block's pixels pass.
// Passed by value: what only points at it would be loaded again after every byte stored.
typedef struct block_job {
    tsr_pointwise_pixels_args args;
    const uint8_t *block;
    int32_t first, channels; // of the output
    tsr_arm_output output;
    tsr_arm_small_output small_output;
} block_job;

// Which code a row needs; constants wherever it is a parameter.
typedef struct row_kind {
    bool is_small, is_panel, is_whole, has_skip; // is_whole: runs in fours
} row_kind;

TSR_ARM_INLINE void tile(
    const int32_t pixels, const row_kind kind, const block_job job, const tsr_arm_small *s, const uint8_t *group,
    size_t at
) {
    const tsr_pointwise_pixels_args *args = &job.args;
    const int32_t *start = kind.is_small ? s->start : (const int32_t *)job.block;
    const tsr_dot_tile t = tsr_dot_tile_at(pixels, kind.is_panel, kind.is_whole, &args->in, group, job.block, start);
    const float *multiplier = (const float *)(job.block + 64);
    TSR_ARM_UNROLL
    for (int32_t p = 0; p < pixels; p++, at += args->out_pixel_stride) {
        if (kind.is_small) {
            tsr_arm_store_small_pixel(
                t.acc[p][0], t.acc[p][1], t.acc[p][2], t.acc[p][3], multiplier, job.first, job.channels,
                kind.has_skip && (kind.is_whole || args->skip != NULL), at, args, s->addend, &job.small_output
            );
        } else {
            tsr_arm_store_pixel(
                t.acc[p][0], t.acc[p][1], t.acc[p][2], t.acc[p][3], multiplier, job.first, job.channels, at, args,
                &job.output, TSR_ARM_ADD_MAGIC
            );
        }
    }
}

TSR_ARM_INLINE void row(
    const row_kind kind, const block_job job, const tsr_arm_small *s, const uint8_t *group, size_t at
) {
    const tsr_pixels *in = &job.args.in;
    for (uint32_t groups = (uint32_t)in->width / TSR_GROUP; groups != 0; groups--) {
        tile(TSR_GROUP, kind, job, s, group, at);
        group += in->group_stride;
        at += TSR_GROUP * job.args.out_pixel_stride;
    }
    const int32_t left = in->width % TSR_GROUP;
    if (left == 3) tile(3, kind, job, s, group, at);
    if (left == 2) tile(2, kind, job, s, group, at);
    if (left == 1) tile(1, kind, job, s, group, at);
}

void tsr_pointwise_pixels__neondot(const tsr_pointwise_pixels_args *args) {
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, args->in.runs);
    const bool has_skip = args->skip != NULL, is_panel = args->in.run_stride != 4;
    const bool is_whole = args->in.runs % 4 == 0;
    // A skip beside pixels, as in no network here, takes the general way.
    const bool is_small = tsr_arm_pixels_are_small(args) && (is_panel || !has_skip);
    block_job job = {
        .args = *args,
        .block = args->weights,
        .output = tsr_arm_output_of(args->output),
        .small_output = tsr_arm_small_output_of(args->output),
    };
    for (; job.first < args->channels; job.first += TSR_BLOCK, job.block += block_bytes) {
        job.channels = args->channels - job.first < TSR_BLOCK ? args->channels - job.first : TSR_BLOCK;
        const tsr_arm_small s = tsr_arm_small_of(job.block);
        for (int32_t r = 0; r < args->in.rows; r++) {
            const uint8_t *group = args->in.data + (size_t)r * args->in.row_stride;
            const size_t at = (size_t)r * args->out_row_stride;
            if (is_small && is_panel && is_whole && has_skip) {
                row((row_kind){true, true, true, true}, job, &s, group, at);
            } else if (is_small && is_panel && is_whole) {
                row((row_kind){true, true, true, false}, job, &s, group, at);
            } else if (is_small && is_panel) {
                row((row_kind){true, true, false, true}, job, &s, group, at);
            } else if (is_small && !has_skip) {
                row((row_kind){true, false, false, false}, job, &s, group, at);
            } else if (is_panel) {
                row((row_kind){false, true, false, true}, job, &s, group, at);
            } else {
                row((row_kind){false, false, false, true}, job, &s, group, at);
            }
        }
    }
}

#pragma clang attribute pop

#endif
