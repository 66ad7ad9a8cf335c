// Pointwise into pixels with smmla, with an optional skip. A block's weights stay in L1 while all pixels of the strip
// pass; where many blocks meet a panel, it is arranged for smmla first.
#if defined(__aarch64__)

#include "../arm/pixels_out.h"
#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("arch=armv8.2-a+dotprod+i8mm"))), apply_to = function)

#include "../arm/arrange_mmla.h"

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

// Bytes of eight channels of a pair, from its four accumulators; skip: theirs, where there is one.
TSR_ARM_INLINE uint8x16_t pair_bytes(
    const row_kind kind, const int32x4_t *acc, float32x4_t x[4], const float32x4_t m[4], uint8x16_t skip,
    const block_job *job
) {
    TSR_ARM_UNROLL
    for (int32_t i = 0; i < 4; i++)
        x[i] = kind.is_small ? tsr_arm_small_scale(acc[i], x[i], m[i]) : tsr_arm_scale(acc[i], m[i]);
    if (kind.has_skip) add_skip(x, skip, job);
    return tsr_mmla_bytes(kind.is_small, /* with_odd= */ true, x[0], x[1], x[2], x[3], &job->rule);
}

// The first `pixels` (a constant) of a tile of neighbouring pairs to byte offsets `at` of the output, of which
// neighbours may be the same. parts: of the block's constants.
TSR_ARM_INLINE void store(
    const int32_t pixels, const row_kind kind, const tsr_mmla_tile *t, const block_job *job, const uint8_t *parts,
    const size_t at[TSR_GROUP]
) {
    const int32_t n = job->channels, pairs = (pixels + 1) / 2;
    uint8x16_t skip[TSR_MMLA_HALVES][2], bytes[TSR_MMLA_HALVES][2]; // [pair][first or second eight channels]
    TSR_ARM_UNROLL
    for (int32_t h = 0; h < pairs; h++) {
        const size_t second = 2 * h + 1 < pixels ? at[2 * h + 1] : at[2 * h];
        if (!kind.has_skip) {
            skip[h][0] = skip[h][1] = vdupq_n_u8(0);
            continue;
        }
        const uint8x16_t s0 = tsr_arm_load_bytes(job->args.skip + at[2 * h], n),
                         s1 = tsr_arm_load_bytes(job->args.skip + second, n);
        skip[h][0] = vzip1q_u8(s0, s1);
        skip[h][1] = vzip2q_u8(s0, s1);
    }
    TSR_ARM_UNROLL
    for (int32_t half = 0; half < 2; half++) {
        float32x4_t m[4], x[4], y[4];
        TSR_ARM_LOAD_NEXT(float32x4_t, m[0], m[1], m[2], m[3], parts, 24, 25, 26, 27);
        if (kind.is_small) {
            TSR_ARM_LOAD_NEXT(float32x4_t, x[0], x[1], x[2], x[3], parts, 0, 1, 2, 3);
            if (pairs > 1) TSR_ARM_LOAD_NEXT(float32x4_t, y[0], y[1], y[2], y[3], parts, 4, 5, 6, 7);
            if (pairs == 1) parts += 64;
        } else {
            parts += 128;
        }
        bytes[0][half] = pair_bytes(kind, t->acc[0] + 4 * half, x, m, skip[0][half], job);
        TSR_ARM_NOW(bytes[0][half]);
        if (pairs == 1) continue;
        bytes[1][half] = pair_bytes(kind, t->acc[1] + 4 * half, y, m, skip[1][half], job);
        TSR_ARM_NOW(bytes[1][half]);
    }
    TSR_ARM_UNROLL
    for (int32_t p = 0; p < pixels; p++) {
        const uint8x16_t first = bytes[p / 2][0], second = bytes[p / 2][1];
        tsr_arm_store_bytes(p % 2 == 0 ? vuzp1q_u8(first, second) : vuzp2q_u8(first, second), n, job->args.out + at[p]);
    }
}

TSR_ARM_INLINE void tile(
    const int32_t pixels, const row_kind kind, const block_job job, const tsr_mmla_block *b, const uint8_t *group,
    size_t first
) {
    const uint8_t *parts;
    const tsr_mmla_tile t =
        tsr_mmla_tile_at(pixels, kind.is_panel, kind.is_whole, &job.args.in, group, job.block, b, &parts);
    const size_t stride = job.args.out_pixel_stride;
    const size_t at[TSR_GROUP] = {first, first + stride, first + 2 * stride, first + 3 * stride};
    store(pixels, kind, &t, &job, parts, at);
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

// One block of an arranged panel.
TSR_ARM_INLINE void arranged_block(
    const row_kind kind, const block_job job, const tsr_mmla_block *b, const tsr_arranged_panel *panel
) {
    const int8_t *in = (const int8_t *)panel->bytes;
    const int32_t cells = job.args.in.runs / 2;
    const size_t *from = panel->at, first = (size_t)job.first;
    const uint8_t *parts;
    for (uint32_t tiles = (uint32_t)panel->pairs / 2; tiles != 0; tiles--, from += TSR_GROUP) {
        const tsr_mmla_tile t =
            tsr_mmla_tile_arranged(2, 32, TSR_MMLA_FOURS_OF_CELLS, &in, cells, job.block, b, &parts);
        const size_t at[TSR_GROUP] = {from[0] + first, from[1] + first, from[2] + first, from[3] + first};
        store(4, kind, &t, &job, parts, at);
    }
    if (panel->pairs % 2 == 0) return;
    const tsr_mmla_tile t = tsr_mmla_tile_arranged(1, 32, TSR_MMLA_ANY_CELLS, &in, cells, job.block, b, &parts);
    const size_t at[TSR_GROUP] = {from[0] + first, from[1] + first};
    store(2, kind, &t, &job, parts, at);
}

// A panel whose runs come in eights, `rows_at_once` rows at a time.
static void arranged(const tsr_pointwise_pixels_args *args, int32_t rows_at_once) {
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_MMLA8, args->in.runs);
    const bool has_skip = args->skip != NULL, is_small = tsr_arm_pixels_are_small(args);
    _Alignas(64) tsr_arranged_panel panel;
    for (int32_t r = 0; r < args->in.rows; r += rows_at_once) {
        const int32_t rows = args->in.rows - r < rows_at_once ? args->in.rows - r : rows_at_once;
        tsr_arrange_panel(&args->in, r, rows, args->out_row_stride, args->out_pixel_stride, &panel);
        block_job job = {.args = *args, .rule = tsr_mmla_rule_of(args->output), .block = args->weights};
        for (; job.first < args->channels; job.first += TSR_BLOCK, job.block += block_bytes) {
            job.channels = args->channels - job.first < TSR_BLOCK ? args->channels - job.first : TSR_BLOCK;
            const tsr_mmla_block b = tsr_mmla_block_of(job.block, is_small);
            if (is_small && has_skip) {
                arranged_block((row_kind){true, true, true, true}, job, &b, &panel);
            } else if (is_small) {
                arranged_block((row_kind){true, true, true, false}, job, &b, &panel);
            } else if (has_skip) {
                arranged_block((row_kind){false, true, true, true}, job, &b, &panel);
            } else {
                arranged_block((row_kind){false, true, true, false}, job, &b, &panel);
            }
        }
    }
}

void tsr_pointwise_pixels__i8mm(const tsr_pointwise_pixels_args *args) {
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_MMLA8, args->in.runs);
    const bool has_skip = args->skip != NULL, is_panel = args->in.run_stride != 4;
    const bool is_whole = args->in.runs % 4 == 0;
    const int32_t rows_at_once = is_panel && args->in.runs % 8 == 0 ? tsr_arranged_rows(&args->in) : 0;
    if (rows_at_once > 0 && args->channels > 2 * TSR_BLOCK) { // fewer blocks do not pay for it
        arranged(args, rows_at_once);
        return;
    }
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
