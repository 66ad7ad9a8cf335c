// Dense with vpdpbusd on 512-bit registers. One pixel gives one chain of sums a block; four chains hide their latency.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function                      \
)

#include "../x86/requant-avx512vnni.h"

enum { CHAINS = 4 };

void tsr_dense__avx512vnni(const tsr_dense_args *args) {
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, args->runs);
    const uint8_t *block = args->weights;
    for (int32_t c = 0; c < args->channels; c += TSR_BLOCK, block += block_bytes) {
        const uint8_t *cells = block + TSR_PACK_HEADER_BYTES;
        __m512i sum[CHAINS] = {
            _mm512_load_si512(block),
            _mm512_setzero_si512(),
            _mm512_setzero_si512(),
            _mm512_setzero_si512(),
        };
        int32_t k = 0;
        for (; k + CHAINS <= args->runs; k += CHAINS) {
            TSR_X86_UNROLL
            for (int i = 0; i < CHAINS; i++) {
                const __m512i a = _mm512_set1_epi32(tsr_load4(args->in + 4 * (size_t)(k + i)));
                sum[i] = _mm512_dpbusd_epi32(sum[i], a, _mm512_load_si512(cells + (size_t)(k + i) * TSR_CELL_BYTES));
            }
        }
        for (; k < args->runs; k++) {
            const __m512i a = _mm512_set1_epi32(tsr_load4(args->in + 4 * (size_t)k));
            sum[0] = _mm512_dpbusd_epi32(sum[0], a, _mm512_load_si512(cells + (size_t)k * TSR_CELL_BYTES));
        }
        const __m512i acc = _mm512_add_epi32(_mm512_add_epi32(sum[0], sum[1]), _mm512_add_epi32(sum[2], sum[3]));
        const int32_t left = args->channels - c;
        const __mmask16 mask = left >= TSR_BLOCK ? 0xffff : (__mmask16)((1u << left) - 1);
        _mm512_mask_storeu_ps(args->out + c, mask, tsr_512_scale(acc, _mm512_load_ps(block + 64), false));
    }
}

#pragma clang attribute pop

#endif
