// Global average pool on 128-bit registers: 16 channels at a time, summed in 16 bits as long as that is exact. Far too
// little work for wider registers to matter.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("sse4.1"))), apply_to = function)

#include "../x86/narrow-sse41.h"
#include "../x86/narrow.h"

enum { PIXELS_EXACT = 257 }; // 257 * 255 = 65535

// 16 bytes, of which `n` exist.
TSR_X86_INLINE vi load_some(const uint8_t *p, int32_t n) {
    if (n >= TSR_BLOCK) return v_load(p);
    uint8_t padded[TSR_BLOCK] = {0};
    memcpy(padded, p, (size_t)n);
    return v_load(padded);
}

void tsr_pool__sse41(const tsr_pool_args *args) {
    const v_output o = v_output_of(args->output);
    const vf m = v_setf(args->multiplier);
    const vi zero = v_zero();
    for (int32_t c = 0; c < args->channels; c += TSR_BLOCK) {
        const int32_t n = args->channels - c;
        const uint8_t *in = args->in + c;
        const vi bias = v_set32(args->bias);
        vi r[4] = {bias, bias, bias, bias};
        for (int32_t p = 0; p < args->pixels;) {
            const int32_t stop = args->pixels - p < PIXELS_EXACT ? args->pixels : p + PIXELS_EXACT;
            vi low = zero, high = zero;
            for (; p < stop; p++, in += args->pixel_stride) {
                const vi bytes = load_some(in, n);
                low = _mm_add_epi16(low, _mm_unpacklo_epi8(bytes, zero));
                high = _mm_add_epi16(high, _mm_unpackhi_epi8(bytes, zero));
            }
            r[0] = v_add32(r[0], _mm_unpacklo_epi16(low, zero));
            r[1] = v_add32(r[1], _mm_unpackhi_epi16(low, zero));
            r[2] = v_add32(r[2], _mm_unpacklo_epi16(high, zero));
            r[3] = v_add32(r[3], _mm_unpackhi_epi16(high, zero));
        }
        TSR_X86_UNROLL
        for (int i = 0; i < 4; i++)
            r[i] = v_toint(v_scale(r[i], m, false));
        uint8_t out[TSR_BLOCK];
        v_store(out, v_pack(r, &o));
        memcpy(args->out + c, out, (size_t)(n < TSR_BLOCK ? n : TSR_BLOCK));
    }
}

#pragma clang attribute pop

#endif
