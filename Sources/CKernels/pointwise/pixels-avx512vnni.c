// Pointwise into pixels with vpdpbusd on 512-bit registers, with an optional skip. A pair of blocks' weights stays in
// L1 while all groups of the strip pass.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function                      \
)

#include "../x86/pixels-avx512vnni.h"
#include "../x86/tile-avx512vnni.h"

TSR_X86_INLINE tsr_strip_group tile(
    const tsr_pixels_job *j, unsigned shape, int blocks, bool clamp, tsr_strip_group at, int32_t channel,
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
    tsr_512_accumulate_groups(shape, blocks, &j->strip, g, clamp, block, j->block_bytes, false, sums);
    TSR_X86_UNROLL
    for (int i = 0; i < groups; i++) {
        const int pixels = tsr_512_shape_pixels(shape, i);
        tsr_pixels_finish(j, pixels, blocks, &g[i], channel, block, sums + TSR_GROUP * i * blocks);
    }
    return at;
}

// All groups of the strip. Four left are two and two: a single group keeps too few sums in flight.
TSR_X86_INLINE void sweep(const tsr_pixels_job *j, int blocks, int32_t channel, const uint8_t *block) {
    tsr_strip_group at = tsr_strip_at(&j->strip, 0, 0);
    int32_t left = j->strip.whole;
    if (blocks == 1) {
        for (; left >= 4; left -= 4)
            at = tile(j, 0x4444, blocks, false, at, channel, block);
    }
    for (; left == 3 || left > 4; left -= 3)
        at = tile(j, 0x444, blocks, false, at, channel, block);
    for (; left >= 2; left -= 2)
        at = tile(j, 0x44, blocks, false, at, channel, block);
    for (; left > 0; left--)
        at = tile(j, 0x4, blocks, false, at, channel, block);
    for (left = j->strip.total - j->strip.whole; left > 0; left--)
        at = tile(j, 0x4, blocks, true, at, channel, block);
}

// The same for a pair of blocks; rows of 14 and 7 pixels have tiles of their own.
TSR_X86_INLINE void sweep_pair(const tsr_pixels_job *j, int32_t channel, const uint8_t *block) {
    tsr_strip_group at = tsr_strip_at(&j->strip, 0, 0);
    int32_t left = j->strip.in->rows;
    if (j->strip.in->width == 14) {
        for (; left > 0; left--)
            at = tile(j, 0x2444, 2, false, at, channel, block);
    } else if (j->strip.in->width == 7) {
        for (; left >= 2; left -= 2)
            at = tile(j, 0x3434, 2, false, at, channel, block);
        if (left > 0) tile(j, 0x34, 2, false, at, channel, block);
    } else {
        sweep(j, 2, channel, block);
    }
}

void tsr_pointwise_pixels__avx512vnni(const tsr_pointwise_pixels_args *args) {
    const tsr_pixels_job j = {
        .args = args,
        .strip = tsr_strip_of(&args->in),
        .output = tsr_512_output_of(args->output),
        .block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, args->in.runs),
    };
    const uint8_t *block = args->weights;
    int32_t channel = 0;
    for (; channel + TSR_BLOCK < args->channels; channel += 2 * TSR_BLOCK, block += 2 * j.block_bytes) {
        sweep_pair(&j, channel, block);
    }
    if (channel < args->channels) sweep(&j, 1, channel, block);
}

#pragma clang attribute pop

#endif
