// The last part of pointwise into pixels on 512-bit registers: requantisation, the optional skip, and the stores.
// Include it inside a region with the AVX-512 target. Private to the kernels.
#ifndef TSR_X86_PIXELS_AVX512VNNI_H
#define TSR_X86_PIXELS_AVX512VNNI_H

#include "requant-avx512vnni.h"
#include "tsr_kernels.h"

typedef struct tsr_pixels_job {
    const tsr_pointwise_pixels_args *args;
    tsr_strip strip;
    tsr_512_output output;
    size_t block_bytes;
} tsr_pixels_job;

// Rounded values of one pixel's block; `skip` points at its stored bytes, of which `mask` exist.
TSR_X86_INLINE __m512i
tsr_pixels_round_skip(const tsr_pixels_job *j, __m512i sum, __m512 m, const uint8_t *skip, __mmask16 mask) {
    const __m512i stored = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, skip));
    const __m512i zero_point = _mm512_set1_epi32(j->args->skip_zero_point + TSR_STORED_BIAS);
    const __m512 scaled =
        tsr_512_scale(_mm512_sub_epi32(stored, zero_point), _mm512_set1_ps(j->args->skip_multiplier), false);
    return _mm512_cvtps_epi32(_mm512_add_ps(tsr_512_scale(sum, m, false), scaled));
}

// Packed bytes of one block, of four pixels -> 128-bit lane p is pixel p.
TSR_X86_INLINE __m512i tsr_512_by_pixel(__m512i packed) {
    return _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), packed);
}

// Packed bytes of two neighbouring whole blocks: 32 bytes a pixel.
TSR_X86_INLINE void tsr_pixels_store_pair(uint8_t *out, size_t stride, __m512i v0, __m512i v1, int32_t valid) {
    const __m512i first = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const __m512i p01 = _mm512_permutex2var_epi32(v0, first, v1);
    const __m512i p23 = _mm512_permutex2var_epi32(v0, _mm512_add_epi32(first, _mm512_set1_epi32(2)), v1);
    if (stride == 2 * TSR_BLOCK && valid == TSR_GROUP) { // no other channels: pixels are side by side
        _mm512_storeu_si512(out, p01);
        _mm512_storeu_si512(out + TSR_CELL_BYTES, p23);
        return;
    }
    _mm256_storeu_si256((__m256i *)out, _mm512_castsi512_si256(p01));
    if (valid > 1) _mm256_storeu_si256((__m256i *)(out + stride), _mm512_extracti64x4_epi64(p01, 1));
    if (valid > 2) _mm256_storeu_si256((__m256i *)(out + 2 * stride), _mm512_castsi512_si256(p23));
    if (valid > 3) _mm256_storeu_si256((__m256i *)(out + 3 * stride), _mm512_extracti64x4_epi64(p23, 1));
}

TSR_X86_INLINE void tsr_pixels_store_block(uint8_t *out, size_t stride, __m512i packed, int32_t valid, __mmask16 mask) {
    const __m512i v = tsr_512_by_pixel(packed);
    if (stride == TSR_BLOCK && mask == 0xffff && valid == TSR_GROUP) { // no other channels: pixels are side by side
        _mm512_storeu_si512(out, v);
        return;
    }
    _mm_mask_storeu_epi8(out, mask, _mm512_castsi512_si128(v));
    if (valid > 1) _mm_mask_storeu_epi8(out + stride, mask, _mm512_extracti32x4_epi32(v, 1));
    if (valid > 2) _mm_mask_storeu_epi8(out + 2 * stride, mask, _mm512_extracti32x4_epi32(v, 2));
    if (valid > 3) _mm_mask_storeu_epi8(out + 3 * stride, mask, _mm512_extracti32x4_epi32(v, 3));
}

// Channels of the block starting at `channel` that exist.
TSR_X86_INLINE __mmask16 tsr_pixels_channels(const tsr_pixels_job *j, int32_t channel) {
    const int32_t left = j->args->channels - channel;
    return left >= TSR_BLOCK ? 0xffff : (__mmask16)((1u << left) - 1);
}

// Requantises and stores one group, of which `pixels` have sums[p * blocks + b].
TSR_X86_INLINE void tsr_pixels_finish(
    const tsr_pixels_job *j, int pixels, int blocks, const tsr_strip_group *g, int32_t channel, const uint8_t *block,
    const __m512i *sums
) {
    const size_t stride = j->args->out_pixel_stride;
    const size_t place =
        (size_t)g->row * j->args->out_row_stride + (size_t)(TSR_GROUP * g->index) * stride + (size_t)channel;
    __m512i packed[2];
    TSR_X86_UNROLL
    for (int b = 0; b < blocks; b++) {
        const __m512 m = _mm512_load_ps(block + (size_t)b * j->block_bytes + 64);
        const __mmask16 mask = tsr_pixels_channels(j, channel + TSR_BLOCK * b);
        __m512i r[TSR_GROUP];
        if (j->args->skip == NULL) {
            TSR_X86_UNROLL
            for (int p = 0; p < TSR_GROUP; p++)
                r[p] = tsr_512_round(sums[(p < pixels ? p : 0) * blocks + b], m, false);
        } else {
            const uint8_t *skip = j->args->skip + place + TSR_BLOCK * b;
            TSR_X86_UNROLL
            for (int p = 0; p < TSR_GROUP; p++) {
                const size_t pixel = (size_t)(p < g->valid ? p : 0) * stride;
                r[p] = tsr_pixels_round_skip(j, sums[(p < pixels ? p : 0) * blocks + b], m, skip + pixel, mask);
            }
        }
        packed[b] = tsr_512_pack(r[0], r[1], r[2], r[3], &j->output, false);
    }
    uint8_t *out = j->args->out + place;
    if (blocks == 2 && channel + 2 * TSR_BLOCK <= j->args->channels) {
        tsr_pixels_store_pair(out, stride, packed[0], packed[1], g->valid);
    } else {
        TSR_X86_UNROLL
        for (int b = 0; b < blocks; b++) {
            const __mmask16 mask = tsr_pixels_channels(j, channel + TSR_BLOCK * b);
            tsr_pixels_store_block(out + TSR_BLOCK * b, stride, packed[b], g->valid, mask);
        }
    }
}

#endif
