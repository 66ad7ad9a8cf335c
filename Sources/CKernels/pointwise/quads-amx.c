// Pointwise into quads on AMX tiles: all blocks for two tiles of pixels, then the next two. While a pair of blocks is
// multiplied, the pair before is requantised.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,amx-tile,amx-int8"))), apply_to = function    \
)

#include "../x86/tile-amx.h"

tsr_pointwise_quads_fn tsr_pointwise_quads__avx512vnni; // for what fills no tile, or does not pay

typedef struct job {
    const tsr_pointwise_quads_args *args;
    tsr_512_output output;
    size_t block_bytes;
    int32_t step_runs;
} job;

// A pair of blocks for two tiles of pixels: what is multiplied, and a round later requantised.
typedef struct lot {
    const tsr_amx_groups *groups; // [2]
    int32_t first, blocks;        // blocks that exist of the pair: 1 or 2
    const uint8_t *block;
    size_t block_stride; // 0 where the second block does not exist: the first stands in
    tsr_amx_sums *sums;
} lot;

TSR_X86_INLINE void store_group(
    const job *j, const int32_t row[TSR_GROUP][TSR_BLOCK], __m512 m, uint8_t *out, int32_t valid, bool plain
) {
    __m512i r[TSR_GROUP];
    TSR_X86_UNROLL
    for (int p = 0; p < TSR_GROUP; p++)
        r[p] = tsr_512_round(_mm512_loadu_si512(row[p]), m, false);
    tsr_512_store_cell(out, tsr_512_cell(tsr_512_pack(r[0], r[1], r[2], r[3], &j->output, plain)), valid, &j->output);
}

// Requantises one slot of a round.
TSR_X86_INLINE void finish(const job *j, const lot *from, int slot, bool plain) {
    const int b = slot % 2;
    if (b >= from->blocks) return;
    const tsr_amx_groups *groups = &from->groups[slot / 2];
    const __m512 m = _mm512_load_ps(from->block + (size_t)b * j->block_bytes + 64);
    const size_t column = (size_t)(from->first + b) * j->args->out_block_stride;
    const int32_t(*row)[TSR_BLOCK] = from->sums->of[slot];
    if (groups->whole) {
        TSR_X86_UNROLL
        for (int i = 0; i < TSR_AMX_PIXELS / TSR_GROUP; i++)
            store_group(j, row + TSR_GROUP * i, m, groups->of[i].out + column, TSR_GROUP, plain);
    } else {
        for (int32_t i = 0; i < groups->count; i++)
            store_group(j, row + groups->of[i].at, m, groups->of[i].out + column, groups->of[i].group.valid, plain);
    }
}

// Multiplies a slot's first step, and stores and requantises what is ready of the lot before. A store must not follow
// its last product closely (38 cycles a tile instead of 24, Intel Sapphire Rapids, 2026-11-21), so all slots but the
// first are stored a lot later.
TSR_X86_INLINE void tick(const job *j, bool one_step, int slot, const lot *now, const lot *before, bool plain) {
    tsr_amx_load_bias(slot, now->block, now->block_stride);
    tsr_amx_add_product(slot);
    if (before->sums && slot + 1 < TSR_AMX_SLOTS) tsr_amx_store(slot + 1, before->sums);
    if (!one_step) return;
    if (slot + 1 == TSR_AMX_SLOTS) tsr_amx_store(0, now->sums);
    if (before->sums) finish(j, before, slot, plain);
}

TSR_X86_INLINE void finish_all(const job *j, const lot *l, bool plain) {
    finish(j, l, 0, plain);
    finish(j, l, 1, plain);
    finish(j, l, 2, plain);
    finish(j, l, 3, plain);
}

// Multiplies one lot and requantises the one before.
TSR_X86_INLINE void turn(
    const job *j, bool one_step, const tsr_amx_pixels *in, const lot *now, const lot *before, bool plain
) {
    const uint8_t *cell = now->block + TSR_PACK_HEADER_BYTES;
    if (!one_step) tsr_amx_load_pixels(in, 0);
    tsr_amx_load_weights(cell, now->block_stride);
    tick(j, one_step, 0, now, before, plain);
    tick(j, one_step, 1, now, before, plain);
    tick(j, one_step, 2, now, before, plain);
    tick(j, one_step, 3, now, before, plain);
    if (one_step) return;
    tsr_amx_add_steps(in, j->step_runs, cell, now->block_stride);
    if (before->sums) finish_all(j, before, plain);
    tsr_amx_store(0, now->sums);
}

TSR_X86_INLINE void run(const job *j, bool one_step, bool plain) {
    const tsr_pointwise_quads_args *args = j->args;
    const tsr_strip strip = tsr_strip_of(&args->in);
    tsr_amx_walk walk = {.strip = &strip, .at = tsr_strip_at(&strip, 0, 0)};
    tsr_amx_groups groups[2][2];
    tsr_amx_sums sums[2];
    lot before = {0};
    int turns = 0;
    for (int chunk = 0; !tsr_amx_walk_ended(&walk); chunk++) {
        tsr_amx_groups *const here = groups[chunk % 2];
        tsr_amx_pixels in = {.stride = args->in.pixel_stride, .runs = args->in.runs};
        for (int t = 0; t < 2; t++) {
            here[t].count = 0;
            here[t].whole = false;
            in.at[t] = t == 1 && tsr_amx_walk_ended(&walk) ? in.at[0] : tsr_amx_walk_pixels(&walk, &here[t]);
            for (int32_t i = 0; i < here[t].count; i++) {
                const tsr_strip_group g = here[t].of[i].group;
                here[t].of[i].out = args->out_rows[g.row] + (size_t)g.index * TSR_CELL_BYTES;
            }
        }
        if (one_step) tsr_amx_load_pixels(&in, 0);
        const uint8_t *block = args->weights;
        for (int32_t b = 0; b < args->blocks; b += 2, block += 2 * j->block_bytes, turns++) {
            const int32_t left = args->blocks - b;
            const lot now = {here, b, left < 2 ? left : 2, block, left < 2 ? 0 : j->block_bytes, &sums[turns % 2]};
            turn(j, one_step, &in, &now, &before, plain);
            before = now;
        }
    }
    tsr_amx_store(1, before.sums);
    tsr_amx_store(2, before.sums);
    tsr_amx_store(3, before.sums);
    finish_all(j, &before, plain);
}

void tsr_pointwise_quads__amxint8(const tsr_pointwise_quads_args *args) {
    const job j = {
        .args = args,
        .output = tsr_512_output_of(args->output),
        .block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, args->in.runs),
        .step_runs = tsr_amx_step_runs(args->in.runs),
    };
    const bool pays = args->in.runs >= 8; // fewer products than 32 cost no more than the way through memory
    if (!pays || j.step_runs == 0 || !tsr_amx_walkable(&args->in)) {
        tsr_pointwise_quads__avx512vnni(args);
        return;
    }
    tsr_amx_configure(j.step_runs);
    if (j.step_runs == args->in.runs && j.output.plain) {
        run(&j, true, true);
    } else if (j.output.plain) {
        run(&j, false, true);
    } else {
        run(&j, false, false);
    }
    _tile_release();
}

#pragma clang attribute pop

#endif
