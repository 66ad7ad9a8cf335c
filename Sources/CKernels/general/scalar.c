// The general operations, the plain formulas. Normative; never optimised.
#include "tsr_general.h"

// Stored byte of a tap, or NULL outside.
static const uint8_t *tap(const tsr_window *w, int32_t r, int32_t x, int32_t t) {
    const int32_t y = (w->first_row + r) * w->stride + t / w->kernel_width * w->dilation - w->top;
    const int32_t column = x * w->stride + t % w->kernel_width * w->dilation - w->left;
    if (y < 0 || y >= w->height || column < 0 || column >= w->width) return NULL;
    return w->in + (size_t)y * w->in_row_stride + (size_t)column * w->in_pixel_stride;
}

void tsr_window_depthwise__scalar(const tsr_window_depthwise_args *args) {
    const tsr_window *w = &args->window;
    for (int32_t r = 0; r < w->rows; r++) {
        for (int32_t x = 0; x < w->out_width; x++) {
            for (int32_t c = 0; c < args->channels; c++) {
                int32_t acc = args->bias[c];
                for (int32_t t = 0; t < w->kernel_height * w->kernel_width; t++) {
                    const uint8_t *in = tap(w, r, x, t);
                    const uint8_t stored = in != NULL ? in[c] : args->padding[c];
                    acc += (tsr_logical(stored) + TSR_STORED_BIAS) * args->weights[t * args->channels + c];
                }
                args->out[(size_t)r * args->out_row_stride + (size_t)x * args->out_pixel_stride + (size_t)c] =
                    tsr_requantize(acc, args->multiplier[c], args->output);
            }
        }
    }
}

void tsr_window_pool__scalar(const tsr_window_pool_args *args) {
    const tsr_window *w = &args->window;
    for (int32_t r = 0; r < w->rows; r++) {
        for (int32_t x = 0; x < w->out_width; x++) {
            for (int32_t c = 0; c < args->channels; c++) {
                int32_t largest = -128, sum = 0, inside = 0;
                for (int32_t t = 0; t < w->kernel_height * w->kernel_width; t++) {
                    const uint8_t *in = tap(w, r, x, t);
                    if (in == NULL) continue;
                    const int32_t q = tsr_logical(in[c]);
                    largest = q > largest ? q : largest;
                    sum += q - args->input_zero_point;
                    inside++;
                }
                args->out[(size_t)r * args->out_row_stride + (size_t)x * args->out_pixel_stride + (size_t)c] =
                    args->is_mean ? tsr_requantize(sum, args->multiplier[inside - 1], args->output)
                                  : tsr_stored(largest);
            }
        }
    }
}

void tsr_lookup__scalar(const tsr_table_args *args) {
    for (int32_t p = 0; p < args->pixels; p++)
        for (int32_t c = 0; c < args->channels; c++)
            args->out[(size_t)p * args->out_stride + (size_t)c] =
                args->table[args->in[(size_t)p * args->in_stride + (size_t)c]];
}

void tsr_sum__scalar(const tsr_pair_args *args) {
    for (int32_t p = 0; p < args->pixels; p++) {
        for (int32_t c = 0; c < args->channels; c++) {
            const int32_t a = tsr_logical(args->a[(size_t)p * args->a_stride + (size_t)c]) - args->a_zero_point;
            const int32_t b = tsr_logical(args->b[(size_t)p * args->b_stride + (size_t)c]) - args->b_zero_point;
            const float first = (float)a * args->a_multiplier, second = (float)b * args->b_multiplier;
            args->out[(size_t)p * args->out_stride + (size_t)c] = tsr_round_clamp(first + second, args->output);
        }
    }
}

void tsr_product__scalar(const tsr_pair_args *args) {
    for (int32_t p = 0; p < args->pixels; p++) {
        for (int32_t c = 0; c < args->channels; c++) {
            const int32_t a = tsr_logical(args->a[(size_t)p * args->a_stride + (size_t)c]) - args->a_zero_point;
            const int32_t b = tsr_logical(args->b[(size_t)p * args->b_stride + (size_t)c]) - args->b_zero_point;
            args->out[(size_t)p * args->out_stride + (size_t)c] =
                tsr_requantize(a * b, args->a_multiplier, args->output);
        }
    }
}
