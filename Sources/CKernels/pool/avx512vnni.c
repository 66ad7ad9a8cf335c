// Global average pool on 512-bit registers: 32 channels at a time, summed in 16 bits as long as that is exact.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function                      \
)

#include "../x86/requant-avx512vnni.h"

enum { CHANNELS = 32, PIXELS_EXACT = 257 }; // 257 * 255 = 65535

void tsr_pool__avx512vnni(const tsr_pool_args *args) {
    const tsr_512_output o = tsr_512_output_of(args->output);
    const __m512 m = _mm512_set1_ps(args->multiplier);
    for (int32_t c = 0; c < args->channels; c += CHANNELS) {
        const int32_t left = args->channels - c;
        const __mmask32 mask = left >= CHANNELS ? 0xffffffffu : (1u << left) - 1;
        const uint8_t *in = args->in + c;
        __m512i low = _mm512_set1_epi32(args->bias), high = low;
        for (int32_t p = 0; p < args->pixels;) {
            const int32_t stop = args->pixels - p < PIXELS_EXACT ? args->pixels : p + PIXELS_EXACT;
            __m512i sum = _mm512_setzero_si512();
            for (; p < stop; p++, in += args->pixel_stride) {
                sum = _mm512_add_epi16(sum, _mm512_cvtepu8_epi16(_mm256_maskz_loadu_epi8(mask, in)));
            }
            low = _mm512_add_epi32(low, _mm512_cvtepu16_epi32(_mm512_castsi512_si256(sum)));
            high = _mm512_add_epi32(high, _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(sum, 1)));
        }
        low = tsr_512_round(low, m, false);
        high = tsr_512_round(high, m, false);
        const __m512i packed = tsr_512_pack(low, high, low, high, &o, false);
        const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 0, 0, 0, 0, 0, 0, 0, 0);
        _mm256_mask_storeu_epi8(args->out + c, mask, _mm512_castsi512_si256(_mm512_permutexvar_epi32(order, packed)));
    }
}

#pragma clang attribute pop

#endif
