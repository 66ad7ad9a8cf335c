// Pointwise into quads with vpdpbusd on 512-bit registers. A pair of blocks' weights stays in L1 while all groups of
// the strip pass; four pixels of a block make exactly one cell.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function                      \
)

#include "../x86/tile-avx512vnni.h"

typedef struct job {
    const tsr_pointwise_quads_args *args;
    tsr_strip strip;
    tsr_512_output output;
    size_t block_bytes;
} job;

// The shape's groups from `at` on, `blocks` blocks from `first` on. Returns the group behind them.
TSR_X86_INLINE tsr_strip_group tile(
    const job *j, unsigned shape, int blocks, bool clamp, bool small, tsr_strip_group at, int32_t first,
    const uint8_t *block
) {
    const int groups = tsr_512_shape_groups(shape);
    tsr_strip_group g[TSR_512_GROUPS];
    TSR_X86_UNROLL
    for (int i = 0; i < groups; i++) {
        g[i] = at;
        at = tsr_strip_next(&j->strip, at);
    }
    __m512i sums[TSR_512_SUMS];
    tsr_512_accumulate_groups(shape, blocks, &j->strip, g, clamp, block, j->block_bytes, small, sums);
    const bool plain = j->output.plain;
    TSR_X86_UNROLL
    for (int b = 0; b < blocks; b++) {
        const __m512 m = _mm512_load_ps(block + (size_t)b * j->block_bytes + 64);
        TSR_X86_UNROLL
        for (int i = 0; i < groups; i++) {
            __m512i r[TSR_GROUP];
            TSR_X86_UNROLL
            for (int p = 0; p < TSR_GROUP; p++) {
                const int slot = TSR_GROUP * i + (p < tsr_512_shape_pixels(shape, i) ? p : 0);
                r[p] = tsr_512_round(sums[slot * blocks + b], m, small);
            }
            const __m512i packed = plain ? tsr_512_pack(r[0], r[1], r[2], r[3], &j->output, true)
                                         : tsr_512_pack(r[0], r[1], r[2], r[3], &j->output, false);
            uint8_t *out = j->args->out_rows[g[i].row] + (size_t)(first + b) * j->args->out_block_stride +
                           (size_t)g[i].index * TSR_CELL_BYTES;
            tsr_512_store_cell(out, tsr_512_cell(packed), g[i].valid, &j->output);
        }
    }
    return at;
}

// All groups of the strip. Four left are two and two: a single group keeps too few sums in flight.
TSR_X86_INLINE void sweep(const job *j, int blocks, bool small, int32_t first, const uint8_t *block) {
    tsr_strip_group at = tsr_strip_at(&j->strip, 0, 0);
    int32_t left = j->strip.whole;
    for (; left == 3 || left > 4; left -= 3)
        at = tile(j, 0x444, blocks, false, small, at, first, block);
    for (; left >= 2; left -= 2)
        at = tile(j, 0x44, blocks, false, small, at, first, block);
    for (; left > 0; left--)
        at = tile(j, 0x4, blocks, false, small, at, first, block);
    for (left = j->strip.total - j->strip.whole; left > 0; left--)
        at = tile(j, 0x4, blocks, true, small, at, first, block);
}

// The same for a pair of blocks; rows of 14 and 7 pixels have tiles of their own.
TSR_X86_INLINE void sweep_pair(const job *j, bool small, int32_t first, const uint8_t *block) {
    tsr_strip_group at = tsr_strip_at(&j->strip, 0, 0);
    int32_t left = j->strip.in->rows;
    if (j->strip.in->width == 14) {
        for (; left > 0; left--)
            at = tile(j, 0x2444, 2, false, small, at, first, block);
    } else if (j->strip.in->width == 7) {
        for (; left >= 2; left -= 2)
            at = tile(j, 0x3434, 2, false, small, at, first, block);
        if (left > 0) tile(j, 0x34, 2, false, small, at, first, block);
    } else {
        sweep(j, 2, small, first, block);
    }
}

void tsr_pointwise_quads__avx512vnni(const tsr_pointwise_quads_args *args) {
    const job j = {
        .args = args,
        .strip = tsr_strip_of(&args->in),
        .output = tsr_512_output_of(args->output),
        .block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, args->in.runs),
    };
    const uint8_t *block = args->weights;
    int32_t b = 0;
    for (; b + 2 <= args->blocks; b += 2, block += 2 * j.block_bytes) {
        if (j.output.small) {
            sweep_pair(&j, true, b, block);
        } else {
            sweep_pair(&j, false, b, block);
        }
    }
    if (b < args->blocks) sweep(&j, 1, false, b, block);
}

#pragma clang attribute pop

#endif
