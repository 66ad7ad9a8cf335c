// Tables of 256 bytes on 512-bit registers, with AVX-512 BW alone and with VBMI.
#if defined(__x86_64__)

#include "tsr_general.h"

#include <immintrin.h>

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function                      \
)

// Sixteen rows of sixteen bytes: a byte's upper half says in which row its image lies, its lower half where in it.
static inline __m512i lookup64(const __m512i rows[16], __m512i x) {
    const __m512i low = _mm512_and_si512(x, _mm512_set1_epi8(0x0f));
    const __m512i high = _mm512_and_si512(_mm512_srli_epi16(x, 4), _mm512_set1_epi8(0x0f));
    __m512i result = _mm512_shuffle_epi8(rows[0], low);
#pragma unroll
    for (int r = 1; r < 16; r++) {
        const __mmask64 here = _mm512_cmpeq_epi8_mask(high, _mm512_set1_epi8((char)r));
        result = _mm512_mask_shuffle_epi8(result, here, rows[r], low);
    }
    return result;
}

// Pixels without a gap are one long run.
#define EACH_RUN(image)                                                                                                \
    const bool whole = args->in_stride == args->out_stride && args->in_stride == (size_t)args->channels;               \
    const int64_t length = whole ? (int64_t)args->pixels * args->channels : args->channels;                            \
    for (int32_t p = 0; p < (whole ? 1 : args->pixels); p++) {                                                         \
        const uint8_t *in = args->in + (size_t)p * args->in_stride;                                                    \
        uint8_t *out = args->out + (size_t)p * args->out_stride;                                                       \
        int64_t i = 0;                                                                                                 \
        for (; i + 64 <= length; i += 64)                                                                              \
            _mm512_storeu_si512(out + i, image(rows, _mm512_loadu_si512(in + i)));                                     \
        if (i < length) {                                                                                              \
            const __mmask64 mask = ~0ull >> (64 - (length - i));                                                       \
            _mm512_mask_storeu_epi8(out + i, mask, image(rows, _mm512_maskz_loadu_epi8(mask, in + i)));                \
        }                                                                                                              \
    }

void tsr_lookup__avx512vnni(const tsr_table_args *args) {
    __m512i rows[16];
    for (int r = 0; r < 16; r++)
        rows[r] = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(args->table + 16 * r)));
    EACH_RUN(lookup64)
}

#pragma clang attribute pop

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vbmi"))), apply_to = function           \
)

// Two permutations of 128 bytes; the highest bit says which counts.
static inline __m512i permute64(const __m512i rows[4], __m512i x) {
    const __m512i low = _mm512_permutex2var_epi8(rows[0], x, rows[1]);
    const __m512i high = _mm512_permutex2var_epi8(rows[2], x, rows[3]);
    return _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(x), high);
}

void tsr_lookup__avx512vbmi(const tsr_table_args *args) {
    __m512i rows[4];
    for (int r = 0; r < 4; r++)
        rows[r] = _mm512_loadu_si512(args->table + 64 * r);
    EACH_RUN(permute64)
}

#pragma clang attribute pop

#endif
