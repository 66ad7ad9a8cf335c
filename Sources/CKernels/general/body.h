// The general operations in runs of channels that the compiler turns into vectors of whatever the including file's
// target has. Products of a stored byte and a weight fit 16 bits (255 * 127), which is what makes them cheap.
// TSR_NAME(op) names the kernels. Private to the kernels.
#include "tsr_general.h"
#include "window.h"

#include <string.h>

enum { CHUNK = 64 };

#if TSR_STORED_BIAS == 0
typedef int8_t stored_t;
#else
typedef uint8_t stored_t;
#endif

// Rounds and clamps as tsr_round_clamp, without a branch.
static inline uint8_t finish(float x, float low, float high, int32_t stored_zero) {
    float r = rintf(x);
    r = r < low ? low : r;
    r = r > high ? high : r;
    return (uint8_t)((int32_t)r + stored_zero);
}

static inline void depthwise_run(
    const tsr_window_depthwise_args *args, const uint8_t *const *taps, int32_t count, int32_t c, int32_t n,
    uint8_t *restrict out
) {
    const float low = (float)(args->output.low - args->output.zero_point);
    const float high = (float)(args->output.high - args->output.zero_point);
    const int32_t zero = args->output.zero_point + TSR_STORED_BIAS;
    const float *restrict multiplier = args->multiplier + c;
    int32_t acc[CHUNK];
    for (int32_t i = 0; i < n; i++)
        acc[i] = args->bias[c + i];
    for (int32_t t = 0; t < count; t++) {
        const stored_t *restrict in = (const stored_t *)taps[t] + c;
        const int8_t *restrict weights = args->weights + (size_t)t * (size_t)args->channels + c;
        for (int32_t i = 0; i < n; i++)
            acc[i] += (int16_t)((int16_t)in[i] * (int16_t)weights[i]);
    }
    for (int32_t i = 0; i < n; i++)
        out[i] = finish((float)acc[i] * multiplier[i], low, high, zero);
}

void TSR_NAME(window_depthwise)(const tsr_window_depthwise_args *args) {
    const tsr_window *w = &args->window;
    const uint8_t *taps[TAPS_ROOM];
    tsr_taps all;
    taps_of(w, &all);
    for (int32_t r = 0; r < w->rows; r++) {
        for (int32_t x = 0; x < w->out_width; x++) {
            const int32_t count = taps_at(w, &all, r, x, args->padding, taps);
            uint8_t *out = args->out + (size_t)r * args->out_row_stride + (size_t)x * args->out_pixel_stride;
            int32_t c = 0;
            for (; c + CHUNK <= args->channels; c += CHUNK)
                depthwise_run(args, taps, count, c, CHUNK, out + c);
            if (c < args->channels) depthwise_run(args, taps, count, c, args->channels - c, out + c);
        }
    }
}

static inline void maximum_run(const uint8_t *const *taps, int32_t count, int32_t c, int32_t n, uint8_t *out) {
    stored_t best[CHUNK];
    memcpy(best, taps[0] + c, (size_t)n);
    for (int32_t t = 1; t < count; t++) {
        const stored_t *restrict in = (const stored_t *)taps[t] + c;
        for (int32_t i = 0; i < n; i++)
            best[i] = in[i] > best[i] ? in[i] : best[i];
    }
    memcpy(out, best, (size_t)n);
}

static inline void mean_run(
    const tsr_window_pool_args *args, const uint8_t *const *taps, int32_t count, int32_t c, int32_t n, uint8_t *out
) {
    const float low = (float)(args->output.low - args->output.zero_point);
    const float high = (float)(args->output.high - args->output.zero_point);
    const float m = args->multiplier[count - 1];
    const int32_t offset = count * (args->input_zero_point + TSR_STORED_BIAS);
    int32_t acc[CHUNK];
    for (int32_t i = 0; i < n; i++)
        acc[i] = -offset;
    for (int32_t t = 0; t < count; t++) {
        const stored_t *restrict in = (const stored_t *)taps[t] + c;
        for (int32_t i = 0; i < n; i++)
            acc[i] += in[i];
    }
    for (int32_t i = 0; i < n; i++)
        out[i] = finish((float)acc[i] * m, low, high, args->output.zero_point + TSR_STORED_BIAS);
}

void TSR_NAME(window_pool)(const tsr_window_pool_args *args) {
    const tsr_window *w = &args->window;
    const uint8_t *taps[TAPS_ROOM];
    tsr_taps all;
    taps_of(w, &all);
    for (int32_t r = 0; r < w->rows; r++) {
        for (int32_t x = 0; x < w->out_width; x++) {
            const int32_t count = taps_at(w, &all, r, x, NULL, taps);
            uint8_t *out = args->out + (size_t)r * args->out_row_stride + (size_t)x * args->out_pixel_stride;
            for (int32_t c = 0; c < args->channels; c += CHUNK) {
                const int32_t n = args->channels - c < CHUNK ? args->channels - c : CHUNK;
                if (args->is_mean) {
                    mean_run(args, taps, count, c, n, out + c);
                } else {
                    maximum_run(taps, count, c, n, out + c);
                }
            }
        }
    }
}

void TSR_NAME(sum)(const tsr_pair_args *args) {
    const float low = (float)(args->output.low - args->output.zero_point);
    const float high = (float)(args->output.high - args->output.zero_point);
    const int32_t zero = args->output.zero_point + TSR_STORED_BIAS;
    const int32_t za = args->a_zero_point + TSR_STORED_BIAS, zb = args->b_zero_point + TSR_STORED_BIAS;
    for (int32_t p = 0; p < args->pixels; p++) {
        const stored_t *a = (const stored_t *)args->a + (size_t)p * args->a_stride;
        const stored_t *b = (const stored_t *)args->b + (size_t)p * args->b_stride;
        uint8_t *out = args->out + (size_t)p * args->out_stride;
        for (int32_t c = 0; c < args->channels; c++) {
            const float first = (float)(a[c] - za) * args->a_multiplier,
                        second = (float)(b[c] - zb) * args->b_multiplier;
            out[c] = finish(first + second, low, high, zero);
        }
    }
}

void TSR_NAME(product)(const tsr_pair_args *args) {
    const float low = (float)(args->output.low - args->output.zero_point);
    const float high = (float)(args->output.high - args->output.zero_point);
    const int32_t zero = args->output.zero_point + TSR_STORED_BIAS;
    const int32_t za = args->a_zero_point + TSR_STORED_BIAS, zb = args->b_zero_point + TSR_STORED_BIAS;
    const float m = args->a_multiplier;
    for (int32_t p = 0; p < args->pixels; p++) {
        const stored_t *a = (const stored_t *)args->a + (size_t)p * args->a_stride;
        const stored_t *b = (const stored_t *)args->b + (size_t)p * args->b_stride;
        uint8_t *out = args->out + (size_t)p * args->out_stride;
        for (int32_t c = 0; c < args->channels; c++)
            out[c] = finish((float)((a[c] - za) * (b[c] - zb)) * m, low, high, zero);
    }
}
