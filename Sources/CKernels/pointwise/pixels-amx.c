// Pointwise into pixels on AMX tiles, with an optional skip: all blocks for two tiles of pixels, then the next two. A
// panel's groups are turned into rows of one pixel each first. While a pair of blocks is multiplied, the pair before is
// requantised.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,amx-tile,amx-int8"))), apply_to = function    \
)

#include "../x86/pixels-avx512vnni.h"
#include "../x86/tile-amx.h"

enum {
    MOST_CHANNELS = 1024, // of a panel: its rows lie on the stack
    ROW_BYTES = MOST_CHANNELS + TSR_CELL_BYTES,
};

tsr_pointwise_pixels_fn tsr_pointwise_pixels__avx512vnni; // for what fills no tile, or does not pay

// A pair of blocks for two tiles of pixels: what is multiplied, and a lot later requantised.
typedef struct lot {
    const tsr_amx_groups *groups; // [2]
    int32_t channel;
    const uint8_t *block;
    size_t block_stride; // 0 where the second block does not exist: the first stands in
    tsr_amx_sums *sums;
} lot;

// Requantises one tile of a lot.
TSR_X86_INLINE void finish(const tsr_pixels_job *j, const lot *l, int tile) {
    const tsr_amx_groups *groups = &l->groups[tile];
    for (int32_t i = 0; i < groups->count; i++) {
        __m512i sums[2 * TSR_GROUP];
        TSR_X86_UNROLL
        for (int p = 0; p < TSR_GROUP; p++) {
            sums[2 * p] = _mm512_loadu_si512(l->sums->of[2 * tile][groups->of[i].at + p]);
            sums[2 * p + 1] = _mm512_loadu_si512(l->sums->of[2 * tile + 1][groups->of[i].at + p]);
        }
        if (l->block_stride > 0) {
            tsr_pixels_finish(j, TSR_GROUP, 2, &groups->of[i].group, l->channel, l->block, sums);
        } else {
            const __m512i first[TSR_GROUP] = {sums[0], sums[2], sums[4], sums[6]};
            tsr_pixels_finish(j, TSR_GROUP, 1, &groups->of[i].group, l->channel, l->block, first);
        }
    }
}

// Multiplies one lot and requantises the one before; all sums but the first slot's are stored a lot later.
TSR_X86_INLINE void turn(
    const tsr_pixels_job *j, const tsr_amx_pixels *in, int32_t step_runs, const lot *now, const lot *before
) {
    const uint8_t *cell = now->block + TSR_PACK_HEADER_BYTES;
    tsr_amx_load_pixels(in, 0);
    tsr_amx_load_weights(cell, now->block_stride);
    TSR_X86_UNROLL
    for (int slot = 0; slot < TSR_AMX_SLOTS; slot++) {
        tsr_amx_load_bias(slot, now->block, now->block_stride);
        tsr_amx_add_product(slot);
        if (before->sums && slot + 1 < TSR_AMX_SLOTS) tsr_amx_store(slot + 1, before->sums);
    }
    tsr_amx_add_steps(in, step_runs, cell, now->block_stride);
    if (before->sums) {
        finish(j, before, 0);
        finish(j, before, 1);
    }
    tsr_amx_store(0, now->sums);
}

// The next four groups of a panel, turned into rows of `rows`.
TSR_X86_INLINE const uint8_t *walk_panel(tsr_amx_walk *w, tsr_amx_groups *groups, uint8_t (*rows)[ROW_BYTES]) {
    const int32_t cells = (w->strip->in->runs + 3) / 4;
    groups->count = 0;
    groups->whole = true;
    for (int32_t at = 0; !tsr_amx_walk_ended(w) && at < TSR_AMX_PIXELS; at += TSR_GROUP) {
        const uint8_t *cell = w->at.in;
        for (int32_t c = 0; c < cells; c++, cell += TSR_CELL_BYTES) {
            const __m512i v = tsr_512_by_pixel(_mm512_loadu_si512(cell));
            _mm_store_si128((__m128i *)(rows[at] + TSR_BLOCK * c), _mm512_castsi512_si128(v));
            _mm_store_si128((__m128i *)(rows[at + 1] + TSR_BLOCK * c), _mm512_extracti32x4_epi32(v, 1));
            _mm_store_si128((__m128i *)(rows[at + 2] + TSR_BLOCK * c), _mm512_extracti32x4_epi32(v, 2));
            _mm_store_si128((__m128i *)(rows[at + 3] + TSR_BLOCK * c), _mm512_extracti32x4_epi32(v, 3));
        }
        tsr_amx_walk_add(w, groups, at);
    }
    return rows[0];
}

TSR_X86_INLINE void run(const tsr_pixels_job *j, int32_t step_runs, bool panel) {
    const tsr_pointwise_pixels_args *args = j->args;
    tsr_amx_walk walk = {.strip = &j->strip, .at = tsr_strip_at(&j->strip, 0, 0)};
    _Alignas(64) uint8_t rows[2][TSR_AMX_PIXELS][ROW_BYTES];
    tsr_amx_groups groups[2][2];
    tsr_amx_sums sums[2];
    lot before = {0};
    int turns = 0;
    for (int chunk = 0; !tsr_amx_walk_ended(&walk); chunk++) {
        tsr_amx_groups *const here = groups[chunk % 2];
        tsr_amx_pixels in = {.stride = panel ? ROW_BYTES : args->in.pixel_stride, .runs = args->in.runs};
        in.at[0] = panel ? walk_panel(&walk, &here[0], rows[0]) : tsr_amx_walk_pixels(&walk, &here[0]);
        in.at[1] = in.at[0];
        here[1].count = 0;
        if (!tsr_amx_walk_ended(&walk))
            in.at[1] = panel ? walk_panel(&walk, &here[1], rows[1]) : tsr_amx_walk_pixels(&walk, &here[1]);
        const uint8_t *block = args->weights;
        for (int32_t c = 0; c < args->channels; c += 2 * TSR_BLOCK, block += 2 * j->block_bytes, turns++) {
            const lot now = {here, c, block, c + TSR_BLOCK < args->channels ? j->block_bytes : 0, &sums[turns % 2]};
            turn(j, &in, step_runs, &now, &before);
            before = now;
        }
    }
    tsr_amx_store(1, before.sums);
    tsr_amx_store(2, before.sums);
    tsr_amx_store(3, before.sums);
    finish(j, &before, 0);
    finish(j, &before, 1);
}

void tsr_pointwise_pixels__amxint8(const tsr_pointwise_pixels_args *args) {
    const int32_t step_runs = tsr_amx_step_runs(args->in.runs);
    const bool panel = tsr_is_panel(&args->in) && args->in.runs <= MOST_CHANNELS / 4;
    const bool pays = panel ? args->in.runs >= 32 && args->channels > TSR_BLOCK : args->in.runs >= 8; // as measured
    if (!pays || step_runs == 0 || !(panel || tsr_amx_walkable(&args->in))) {
        tsr_pointwise_pixels__avx512vnni(args);
        return;
    }
    const tsr_pixels_job j = {
        .args = args,
        .strip = tsr_strip_of(&args->in),
        .output = tsr_512_output_of(args->output),
        .block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, args->in.runs),
    };
    tsr_amx_configure(step_runs);
    if (panel) {
        run(&j, step_runs, true);
    } else {
        run(&j, step_runs, false);
    }
    _tile_release();
}

#pragma clang attribute pop

#endif
