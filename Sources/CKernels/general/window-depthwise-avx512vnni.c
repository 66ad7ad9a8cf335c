// Depthwise convolution of any window with vpdpbusd. Four taps of 64 channels are interleaved byte by byte, which makes
// them the operands of four dot products; weights are interleaved the same way once a call, for one block of 64
// channels.
#if defined(__x86_64__)

#include "tsr_general.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function                      \
)

#include "bytes-avx512vnni.h"
#include "window.h"

// What a block of up to 64 channels multiplies with.
typedef struct filter {
    __m512i weights[TAPS_ROOM / 4][4];
    __m512i bias[4];
    __m512 multiplier[4];
} filter;

static void prepare(const tsr_window_depthwise_args *args, int32_t taps, int32_t c, filter *ret_filter) {
    const __mmask64 mask = tsr_bytes_mask(args->channels - c);
    for (int32_t t = 0; t < taps; t += 4) {
        __m512i tap[4];
        for (int32_t i = 0; i < 4; i++) {
            const int8_t *weights = args->weights + (size_t)(t + i) * (size_t)args->channels + c;
            tap[i] = t + i < taps ? _mm512_maskz_loadu_epi8(mask, weights) : _mm512_setzero_si512();
        }
        tsr_bytes_interleave(tap, ret_filter->weights[t / 4]);
    }
    __m512i multiplier[4];
    tsr_words_spread(args->bias + c, args->channels - c, ret_filter->bias);
    tsr_words_spread(args->multiplier + c, args->channels - c, multiplier);
    for (int v = 0; v < 4; v++)
        ret_filter->multiplier[v] = _mm512_castsi512_ps(multiplier[v]);
}

// `pixels` outputs of the block of channels `c`, with taps at in[p] + offset[t], or, without offsets, where taps say.
TSR_X86_INLINE void convolve(
    const filter *f, int32_t c, int pixels, const uint8_t *const in[], const size_t *offset, const uint8_t *const *taps,
    int32_t count, __mmask64 mask, const tsr_512_output *o, __m512i bytes[]
) {
    __m512i sum[2][4];
    TSR_X86_UNROLL
    for (int p = 0; p < pixels; p++) {
        TSR_X86_UNROLL
        for (int v = 0; v < 4; v++)
            sum[p][v] = f->bias[v];
    }
    for (int32_t t = 0; t < count; t += 4) {
        TSR_X86_UNROLL
        for (int p = 0; p < pixels; p++) {
            __m512i tap[4], spread[4];
            TSR_X86_UNROLL
            for (int i = 0; i < 4; i++) {
                const uint8_t *at = (taps == NULL ? in[p] + offset[t + i] : taps[t + i]) + c;
                tap[i] = mask == ~0ull ? _mm512_loadu_si512(at) : _mm512_maskz_loadu_epi8(mask, at);
            }
            tsr_bytes_interleave(tap, spread);
            TSR_X86_UNROLL
            for (int v = 0; v < 4; v++)
                sum[p][v] = _mm512_dpbusd_epi32(sum[p][v], spread[v], f->weights[t / 4][v]);
        }
    }
    TSR_X86_UNROLL
    for (int p = 0; p < pixels; p++) {
        __m512 scaled[4];
        TSR_X86_UNROLL
        for (int v = 0; v < 4; v++)
            scaled[v] = tsr_512_scale(sum[p][v], f->multiplier[v], false);
        bytes[p] = tsr_bytes_of(scaled, o);
    }
}
TSR_X86_INLINE void store(uint8_t *out, __mmask64 mask, __m512i bytes) {
    if (mask == ~0ull) {
        _mm512_storeu_si512(out, bytes);
    } else {
        _mm512_mask_storeu_epi8(out, mask, bytes);
    }
}

// One block of channels of the whole output.
TSR_X86_INLINE void block(
    const tsr_window_depthwise_args *args, const tsr_taps *all, const filter *f, int32_t c, __mmask64 mask
) {
    const tsr_window *w = &args->window;
    const tsr_512_output output = tsr_512_output_of(args->output);
    const size_t step = (size_t)w->stride * w->in_pixel_stride;
    for (int32_t r = 0; r < w->rows; r++) {
        uint8_t *out = args->out + (size_t)r * args->out_row_stride + c;
        int32_t first, end;
        inside_of(w, r, &first, &end);
        __m512i bytes[2];
        for (int32_t x = 0; x < w->out_width;) {
            if (x >= first && x + 2 <= end) {
                const uint8_t *origin = taps_origin(w, r, x);
                const uint8_t *in[2] = {origin, origin + step};
                convolve(f, c, 2, in, all->offset, NULL, all->count, mask, &output, bytes);
                store(out, mask, bytes[0]);
                store(out + args->out_pixel_stride, mask, bytes[1]);
                x += 2;
                out += 2 * args->out_pixel_stride;
                continue;
            }
            const uint8_t *taps[TAPS_ROOM];
            const int32_t count = taps_at(w, all, r, x, args->padding, taps);
            for (int32_t i = 0; i < 3; i++) // the surplus meets zero weights
                taps[count + i] = taps[0];
            convolve(f, c, 1, NULL, NULL, taps, count, mask, &output, bytes);
            store(out, mask, bytes[0]);
            x++;
            out += args->out_pixel_stride;
        }
    }
}

void tsr_window_depthwise__avx512vnni(const tsr_window_depthwise_args *args) {
    tsr_taps all;
    taps_of(&args->window, &all);
    filter f;
    for (int32_t c = 0; c < args->channels; c += 64) {
        prepare(args, all.count, c, &f);
        if (args->channels - c >= 64) {
            block(args, &all, &f, c, ~0ull);
        } else {
            block(args, &all, &f, c, tsr_bytes_mask(args->channels - c));
        }
    }
}

#pragma clang attribute pop

#endif
