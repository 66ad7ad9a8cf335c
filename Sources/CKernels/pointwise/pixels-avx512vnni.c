// Pointwise into pixels with vpdpbusd on 512-bit registers, with an optional skip. A pair of blocks' weights stays in
// L1 while all groups of the strip pass.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function                      \
)

#include "../x86/tile-avx512vnni.h"

typedef struct job {
    const tsr_pointwise_pixels_args *args;
    tsr_strip strip;
    tsr_512_output output;
    size_t block_bytes;
} job;

// Rounded values of one pixel's block; `skip` points at its stored bytes, of which `mask` exist.
TSR_X86_INLINE __m512i round_with_skip(const job *j, __m512i sum, __m512 m, const uint8_t *skip, __mmask16 mask) {
    const __m512i stored = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, skip));
    const __m512i zero_point = _mm512_set1_epi32(j->args->skip_zero_point + TSR_STORED_BIAS);
    const __m512 scaled = tsr_512_scale(_mm512_sub_epi32(stored, zero_point), _mm512_set1_ps(j->args->skip_multiplier));
    return _mm512_cvtps_epi32(_mm512_add_ps(tsr_512_scale(sum, m), scaled));
}

// Packed bytes of one block, of four pixels -> 128-bit lane p is pixel p.
TSR_X86_INLINE __m512i by_pixel(__m512i packed) {
    return _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), packed);
}

// Packed bytes of two neighbouring whole blocks: 32 bytes a pixel.
TSR_X86_INLINE void store_pair(uint8_t *out, size_t stride, __m512i v0, __m512i v1, int32_t valid) {
    const __m512i first = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const __m512i p01 = _mm512_permutex2var_epi32(v0, first, v1);
    const __m512i p23 = _mm512_permutex2var_epi32(v0, _mm512_add_epi32(first, _mm512_set1_epi32(2)), v1);
    _mm256_storeu_si256((__m256i *)out, _mm512_castsi512_si256(p01));
    if (valid > 1) _mm256_storeu_si256((__m256i *)(out + stride), _mm512_extracti64x4_epi64(p01, 1));
    if (valid > 2) _mm256_storeu_si256((__m256i *)(out + 2 * stride), _mm512_castsi512_si256(p23));
    if (valid > 3) _mm256_storeu_si256((__m256i *)(out + 3 * stride), _mm512_extracti64x4_epi64(p23, 1));
}

TSR_X86_INLINE void store_block(uint8_t *out, size_t stride, __m512i packed, int32_t valid, __mmask16 mask) {
    const __m512i v = by_pixel(packed);
    _mm_mask_storeu_epi8(out, mask, _mm512_castsi512_si128(v));
    if (valid > 1) _mm_mask_storeu_epi8(out + stride, mask, _mm512_extracti32x4_epi32(v, 1));
    if (valid > 2) _mm_mask_storeu_epi8(out + 2 * stride, mask, _mm512_extracti32x4_epi32(v, 2));
    if (valid > 3) _mm_mask_storeu_epi8(out + 3 * stride, mask, _mm512_extracti32x4_epi32(v, 3));
}

// Channels of the block starting at `channel` that exist.
TSR_X86_INLINE __mmask16 channels_from(const job *j, int32_t channel) {
    const int32_t left = j->args->channels - channel;
    return left >= TSR_BLOCK ? 0xffff : (__mmask16)((1u << left) - 1);
}

// Requantises and stores one group, of which `pixels` have sums[p * blocks + b].
TSR_X86_INLINE void finish(
    const job *j, int pixels, int blocks, const tsr_strip_group *g, int32_t channel, const uint8_t *block,
    const __m512i *sums
) {
    const size_t stride = j->args->out_pixel_stride;
    const size_t place =
        (size_t)g->row * j->args->out_row_stride + (size_t)(TSR_GROUP * g->index) * stride + (size_t)channel;
    __m512i packed[2];
    TSR_X86_UNROLL
    for (int b = 0; b < blocks; b++) {
        const __m512 m = _mm512_load_ps(block + (size_t)b * j->block_bytes + 64);
        const __mmask16 mask = channels_from(j, channel + TSR_BLOCK * b);
        __m512i r[TSR_GROUP];
        if (j->args->skip == NULL) {
            TSR_X86_UNROLL
            for (int p = 0; p < TSR_GROUP; p++)
                r[p] = tsr_512_round(sums[(p < pixels ? p : 0) * blocks + b], m);
        } else {
            const uint8_t *skip = j->args->skip + place + TSR_BLOCK * b;
            TSR_X86_UNROLL
            for (int p = 0; p < TSR_GROUP; p++) {
                const size_t pixel = (size_t)(p < g->valid ? p : 0) * stride;
                r[p] = round_with_skip(j, sums[(p < pixels ? p : 0) * blocks + b], m, skip + pixel, mask);
            }
        }
        packed[b] = tsr_512_pack(r[0], r[1], r[2], r[3], &j->output, false);
    }
    uint8_t *out = j->args->out + place;
    if (blocks == 2 && channel + 2 * TSR_BLOCK <= j->args->channels) {
        store_pair(out, stride, packed[0], packed[1], g->valid);
    } else {
        TSR_X86_UNROLL
        for (int b = 0; b < blocks; b++) {
            const __mmask16 mask = channels_from(j, channel + TSR_BLOCK * b);
            store_block(out + TSR_BLOCK * b, stride, packed[b], g->valid, mask);
        }
    }
}

TSR_X86_INLINE tsr_strip_group
tile(const job *j, unsigned shape, int blocks, bool clamp, tsr_strip_group at, int32_t channel, const uint8_t *block) {
    const int groups = tsr_512_shape_groups(shape);
    tsr_strip_group g[TSR_512_GROUPS];
    TSR_X86_UNROLL
    for (int i = 0; i < groups; i++) {
        g[i] = at;
        at = tsr_strip_next(&j->strip, at);
    }
    __m512i sums[TSR_512_SUMS];
    tsr_512_accumulate_groups(shape, blocks, &j->strip, g, clamp, block, j->block_bytes, sums);
    TSR_X86_UNROLL
    for (int i = 0; i < groups; i++) {
        const int pixels = tsr_512_shape_pixels(shape, i);
        finish(j, pixels, blocks, &g[i], channel, block, sums + TSR_GROUP * i * blocks);
    }
    return at;
}

// All groups of the strip. Four left are two and two: a single group keeps too few sums in flight.
TSR_X86_INLINE void sweep(const job *j, int blocks, int32_t channel, const uint8_t *block) {
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
TSR_X86_INLINE void sweep_pair(const job *j, int32_t channel, const uint8_t *block) {
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
    const job j = {
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
