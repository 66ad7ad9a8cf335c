// Pixels into quads on 512-bit registers: four pixels side by side, their words, then their bytes transposed.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function                      \
)

#include "../x86/requant-avx512vnni.h"

// One cell; `keep` says which of the block's channels exist.
TSR_X86_INLINE __m512i cell_of(const uint8_t *in, size_t pixel_stride, int32_t valid, __mmask16 keep, __m128i fill) {
    __m128i v[TSR_GROUP];
    TSR_X86_UNROLL
    for (int p = 0; p < TSR_GROUP; p++) {
        v[p] = p < valid ? _mm_mask_loadu_epi8(fill, keep, in + (size_t)p * pixel_stride) : fill;
    }
    const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(v[0]), v[1], 1);
    const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(v[2]), v[3], 1);
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m512i pixels = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    return tsr_512_cell(_mm512_permutexvar_epi32(order, pixels));
}

void tsr_interleave__avx512vnni(const tsr_interleave_args *args) {
    const tsr_pixels *in = &args->in;
    const __m128i fill = _mm_set1_epi8((char)tsr_stored(args->zero_point));
    for (int32_t r = 0; r < in->rows; r++) {
        for (int32_t b = 0; b < args->blocks; b++) {
            const int32_t left = args->channels - TSR_BLOCK * b;
            const __mmask16 keep = left >= TSR_BLOCK ? 0xffff : left <= 0 ? 0 : (__mmask16)((1u << left) - 1);
            const uint8_t *from = in->data + (size_t)r * in->row_stride + (size_t)b * TSR_BLOCK;
            uint8_t *out = args->out_rows[r] + (size_t)b * args->out_block_stride;
            for (int32_t x = 0; x < in->width; x += TSR_GROUP, from += in->group_stride, out += TSR_CELL_BYTES) {
                _mm512_storeu_si512(out, cell_of(from, in->pixel_stride, in->width - x, keep, fill));
            }
        }
    }
}

#pragma clang attribute pop

#endif
