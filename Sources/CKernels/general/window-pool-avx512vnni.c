// Pools of any window, 64 channels at a time.
#if defined(__x86_64__)

#include "tsr_general.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function                      \
)

#include "bytes-avx512vnni.h"
#include "window.h"

// The bytes of one tap: at in + offset[t], or, without offsets, where taps say.
typedef struct source {
    const uint8_t *in;
    const size_t *offset;
    const uint8_t *const *taps;
    int32_t count;
} source;

TSR_X86_INLINE __m512i tap(const source *s, int32_t t, int32_t c, __mmask64 mask) {
    const uint8_t *at = (s->taps == NULL ? s->in + s->offset[t] : s->taps[t]) + c;
    return mask == ~0ull ? _mm512_loadu_si512(at) : _mm512_maskz_loadu_epi8(mask, at);
}

TSR_X86_INLINE __m512i maximum(const source *s, int32_t c, __mmask64 mask) {
    __m512i best = tap(s, 0, c, mask);
    for (int32_t t = 1; t < s->count; t++)
        best = _mm512_max_epu8(best, tap(s, t, c, mask));
    return best;
}

// Sums of 225 bytes at most fit 16 bits.
TSR_X86_INLINE __m512i
mean(const tsr_window_pool_args *args, const source *s, int32_t c, __mmask64 mask, const tsr_512_output *output) {
    const __m512i zero = _mm512_setzero_si512();
    __m512i low = zero, high = zero;
    for (int32_t t = 0; t < s->count; t++) {
        const __m512i bytes = tap(s, t, c, mask);
        low = _mm512_add_epi16(low, _mm512_unpacklo_epi8(bytes, zero));
        high = _mm512_add_epi16(high, _mm512_unpackhi_epi8(bytes, zero));
    }
    const __m512i sum[4] = {
        _mm512_unpacklo_epi16(low, zero), _mm512_unpackhi_epi16(low, zero), _mm512_unpacklo_epi16(high, zero),
        _mm512_unpackhi_epi16(high, zero)};
    const __m512i offset = _mm512_set1_epi32(s->count * (args->input_zero_point + TSR_STORED_BIAS));
    const __m512 multiplier = _mm512_set1_ps(args->multiplier[s->count - 1]);
    __m512 scaled[4];
    TSR_X86_UNROLL
    for (int v = 0; v < 4; v++)
        scaled[v] = tsr_512_scale(_mm512_sub_epi32(sum[v], offset), multiplier, false);
    return tsr_bytes_of(scaled, output);
}

// All channels of one output pixel.
TSR_X86_INLINE void pixel(const tsr_window_pool_args *args, const source *s, const tsr_512_output *o, uint8_t *out) {
    int32_t c = 0;
    for (; c + 64 <= args->channels; c += 64)
        _mm512_storeu_si512(out + c, args->is_mean ? mean(args, s, c, ~0ull, o) : maximum(s, c, ~0ull));
    if (c == args->channels) return;
    const __mmask64 mask = tsr_bytes_mask(args->channels - c);
    _mm512_mask_storeu_epi8(out + c, mask, args->is_mean ? mean(args, s, c, mask, o) : maximum(s, c, mask));
}

void tsr_window_pool__avx512vnni(const tsr_window_pool_args *args) {
    const tsr_window *w = &args->window;
    const tsr_512_output output = tsr_512_output_of(args->output);
    tsr_taps all;
    taps_of(w, &all);
    for (int32_t r = 0; r < w->rows; r++) {
        uint8_t *out = args->out + (size_t)r * args->out_row_stride;
        int32_t first, end;
        inside_of(w, r, &first, &end);
        for (int32_t x = 0; x < w->out_width; x++, out += args->out_pixel_stride) {
            if (x >= first && x < end) {
                const source s = {.in = taps_origin(w, r, x), .offset = all.offset, .count = all.count};
                pixel(args, &s, &output, out);
            } else {
                const uint8_t *taps[TAPS_ROOM];
                const int32_t count = taps_at(w, &all, r, x, NULL, taps);
                const source s = {.taps = taps, .count = count};
                pixel(args, &s, &output, out);
            }
        }
    }
}

#pragma clang attribute pop

#endif
