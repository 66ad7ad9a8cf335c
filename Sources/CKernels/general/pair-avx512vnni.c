// Sums and products of two tensors, 64 channels at a time.
#if defined(__x86_64__)

#include "tsr_general.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function                      \
)

#include "bytes-avx512vnni.h"

typedef struct job {
    const tsr_pair_args *args;
    tsr_512_output output;
    __m512i a_zero, b_zero; // stored
    __m512 a_multiplier, b_multiplier;
    bool is_sum;
} job;

// 64 bytes less their zero point, as floats in spread order.
TSR_X86_INLINE void widen(const uint8_t *in, __mmask64 mask, __m512i zero, __m512 wide[4]) {
    __m512i spread[4];
    tsr_bytes_spread(_mm512_maskz_loadu_epi8(mask, in), spread);
    TSR_X86_UNROLL
    for (int v = 0; v < 4; v++)
        wide[v] = _mm512_cvtepi32_ps(_mm512_sub_epi32(spread[v], zero));
}

// The second operand, a sum's scaled. A product of two bytes is exact in a float.
TSR_X86_INLINE void second(const job *j, const uint8_t *in, __mmask64 mask, __m512 wide[4]) {
    widen(in, mask, j->b_zero, wide);
    if (!j->is_sum) return;
    TSR_X86_UNROLL
    for (int v = 0; v < 4; v++)
        wide[v] = _mm512_mul_ps(wide[v], j->b_multiplier);
}

TSR_X86_INLINE __m512i combine(const job *j, const uint8_t *in, __mmask64 mask, const __m512 b[4]) {
    const tsr_output *o = &j->args->output;
    const __m512 low = _mm512_set1_ps((float)(o->low - o->zero_point));
    const __m512 high = _mm512_set1_ps((float)(o->high - o->zero_point));
    __m512 a[4], scaled[4];
    widen(in, mask, j->a_zero, a);
    TSR_X86_UNROLL
    for (int v = 0; v < 4; v++) {
        const __m512 x = j->is_sum ? _mm512_add_ps(_mm512_mul_ps(a[v], j->a_multiplier), b[v])
                                   : _mm512_mul_ps(_mm512_mul_ps(a[v], b[v]), j->a_multiplier);
        scaled[v] = _mm512_min_ps(_mm512_max_ps(x, low), high); // nothing bounds the multipliers of pairs
    }
    return tsr_bytes_of(scaled, &j->output);
}

TSR_X86_INLINE void pair(const tsr_pair_args *args, bool is_sum) {
    const job j = {
        .args = args,
        .output = tsr_512_output_of(args->output),
        .a_zero = _mm512_set1_epi32(args->a_zero_point + TSR_STORED_BIAS),
        .b_zero = _mm512_set1_epi32(args->b_zero_point + TSR_STORED_BIAS),
        .a_multiplier = _mm512_set1_ps(args->a_multiplier),
        .b_multiplier = _mm512_set1_ps(args->b_multiplier),
        .is_sum = is_sum,
    };
    for (int32_t c = 0; c < args->channels; c += 64) {
        const __mmask64 mask = tsr_bytes_mask(args->channels - c);
        const uint8_t *a = args->a + c, *b = args->b + c;
        uint8_t *out = args->out + c;
        __m512 wide[4];
        if (args->b_stride == 0) second(&j, b, mask, wide); // the same for all pixels
        for (int32_t p = 0; p < args->pixels; p++) {
            if (args->b_stride != 0) second(&j, b, mask, wide);
            _mm512_mask_storeu_epi8(out, mask, combine(&j, a, mask, wide));
            a += args->a_stride;
            b += args->b_stride;
            out += args->out_stride;
        }
    }
}

void tsr_sum__avx512vnni(const tsr_pair_args *args) { pair(args, true); }

void tsr_product__avx512vnni(const tsr_pair_args *args) { pair(args, false); }

#pragma clang attribute pop

#endif
