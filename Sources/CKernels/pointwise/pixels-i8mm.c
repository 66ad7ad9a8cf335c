// Pointwise into pixels with smmla, with an optional skip. A block's weights stay in L1 while all pixels of the strip
// pass.
#if defined(__aarch64__)

#include "../arm/pixels_out.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod+i8mm"))), apply_to = function)

#include "../arm/tile_mmla.h"

// Passed by value: what only points at it would be loaded again after every byte stored.
typedef struct block_job {
    tsr_pointwise_pixels_args args;
    tsr_mmla_rule rule;
    const uint8_t *block;
    int32_t first, channels; // of the output
} block_job;

// Which code a row needs; constants wherever it is a parameter.
typedef struct row_kind {
    bool is_small, is_panel, is_whole, has_skip; // is_whole: runs in fours
} row_kind;

// x[0..3] += the skip of eight channels by two pixels, whose bytes lie as the sums do.
TSR_ARM_INLINE void add_skip(float32x4_t x[4], uint8x16_t skip, const block_job *job) {
    const int8x16_t s = vreinterpretq_s8_u8(skip);
    const int8x8_t zp = vdup_n_s8((int8_t)job->args.skip_zero_point);
    const float32x4_t m = vdupq_n_f32(job->args.skip_multiplier);
    const int16x8_t low = vsubl_s8(vget_low_s8(s), zp), high = vsubl_s8(vget_high_s8(s), zp);
    x[0] = vaddq_f32(x[0], tsr_arm_scale(vmovl_s16(vget_low_s16(low)), m));
    x[1] = vaddq_f32(x[1], tsr_arm_scale(vmovl_high_s16(low), m));
    x[2] = vaddq_f32(x[2], tsr_arm_scale(vmovl_s16(vget_low_s16(high)), m));
    x[3] = vaddq_f32(x[3], tsr_arm_scale(vmovl_high_s16(high), m));
}

// A pair of pixels, of which `pixels` (1 or 2, a constant) count, to byte offset `at` of the output.
TSR_ARM_INLINE void store_pair(
    const int32_t pixels, const row_kind kind, const int32x4_t acc[TSR_MMLA_PAIRS], const block_job *job,
    const tsr_mmla_block *b, size_t at
) {
    const int32_t n = job->channels;
    const size_t second = at + (pixels > 1 ? job->args.out_pixel_stride : 0);
    uint8x16_t skip[2];
    if (kind.has_skip) {
        const uint8x16_t s0 = tsr_arm_load_bytes(job->args.skip + at, n),
                         s1 = tsr_arm_load_bytes(job->args.skip + second, n);
        skip[0] = vzip1q_u8(s0, s1);
        skip[1] = vzip2q_u8(s0, s1);
    }
    uint8x16_t bytes[2];
    TSR_ARM_UNROLL
    for (int32_t half = 0; half < 2; half++) {
        float32x4_t x[4];
        const tsr_mmla_four f = tsr_mmla_four_of(b, 4 * half);
        TSR_MMLA_SCALE(kind.is_small, x, acc + 4 * half, &f, 0, 1, 2, 3);
        if (kind.has_skip) add_skip(x, skip[half], job);
        bytes[half] = tsr_mmla_bytes(kind.is_small, /* with_odd= */ true, x[0], x[1], x[2], x[3], &job->rule);
    }
    tsr_arm_store_bytes(vuzp1q_u8(bytes[0], bytes[1]), n, job->args.out + at);
    if (pixels > 1) tsr_arm_store_bytes(vuzp2q_u8(bytes[0], bytes[1]), n, job->args.out + second);
}

TSR_ARM_INLINE void tile(
    const int32_t pixels, const row_kind kind, const block_job job, const tsr_mmla_block *b, const uint8_t *group,
    size_t at
) {
    const tsr_mmla_tile t = tsr_mmla_tile_at(pixels, kind.is_panel, kind.is_whole, &job.args.in, group, job.block, b);
    store_pair(pixels > 1 ? 2 : 1, kind, t.acc[0], &job, b, at);
    if (pixels > 2) store_pair(pixels - 2, kind, t.acc[1], &job, b, at + 2 * job.args.out_pixel_stride);
}

TSR_ARM_INLINE void row(
    const row_kind kind, const block_job job, const tsr_mmla_block *b, const uint8_t *group, size_t at
) {
    for (uint32_t groups = (uint32_t)job.args.in.width / TSR_GROUP; groups != 0; groups--) {
        tile(TSR_GROUP, kind, job, b, group, at);
        group += job.args.in.group_stride;
        at += TSR_GROUP * job.args.out_pixel_stride;
    }
    const int32_t left = job.args.in.width % TSR_GROUP;
    if (left == 3) tile(3, kind, job, b, group, at);
    if (left == 2) tile(2, kind, job, b, group, at);
    if (left == 1) tile(1, kind, job, b, group, at);
}

void tsr_pointwise_pixels__i8mm(const tsr_pointwise_pixels_args *args) {
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_MMLA8, args->in.runs);
    const bool has_skip = args->skip != NULL, is_panel = args->in.run_stride != 4;
    const bool is_whole = args->in.runs % 4 == 0;
    // A skip beside pixels and a panel whose runs are not whole, as in no network here, take the general way.
    const bool is_small = tsr_arm_pixels_are_small(args) && (is_panel ? is_whole : !has_skip);
    block_job job = {.args = *args, .rule = tsr_mmla_rule_of(args->output), .block = args->weights};
    for (; job.first < args->channels; job.first += TSR_BLOCK, job.block += block_bytes) {
        job.channels = args->channels - job.first < TSR_BLOCK ? args->channels - job.first : TSR_BLOCK;
        const tsr_mmla_block b = tsr_mmla_block_of(job.block, is_small);
        for (int32_t r = 0; r < args->in.rows; r++) {
            const uint8_t *group = args->in.data + (size_t)r * args->in.row_stride;
            const size_t at = (size_t)r * args->out_row_stride + (size_t)job.first;
            if (is_small && is_whole && has_skip) {
                row((row_kind){true, true, true, true}, job, &b, group, at);
            } else if (is_small && is_whole && is_panel) {
                row((row_kind){true, true, true, false}, job, &b, group, at);
            } else if (is_small) {
                row((row_kind){true, false, false, false}, job, &b, group, at);
            } else if (has_skip && is_panel) {
                row((row_kind){false, true, false, true}, job, &b, group, at);
            } else if (has_skip) {
                row((row_kind){false, false, false, true}, job, &b, group, at);
            } else if (is_panel) {
                row((row_kind){false, true, false, false}, job, &b, group, at);
            } else {
                row((row_kind){false, false, false, false}, job, &b, group, at);
            }
        }
    }
}

#pragma clang attribute pop

#endif
