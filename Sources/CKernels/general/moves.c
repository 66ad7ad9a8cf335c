// Gathering windows and moving channels: copies of runs, which every compiler turns into wide moves.
#include "tsr_general.h"

#include <string.h>

// A row of a first layer's window is 9 to 33 bytes, too few for a call: two moves that may overlap.
static inline void copy(uint8_t *out, const uint8_t *in, size_t bytes, uint8_t flip) {
    if (flip == 0) {
        if (bytes > 32 || bytes < 8) {
            memcpy(out, in, bytes);
        } else if (bytes > 16) {
            memcpy(out, in, 16);
            memcpy(out + bytes - 16, in + bytes - 16, 16);
        } else {
            memcpy(out, in, 8);
            memcpy(out + bytes - 8, in + bytes - 8, 8);
        }
        return;
    }
    for (size_t i = 0; i < bytes; i++)
        out[i] = in[i] ^ flip;
}

// One row of a kernel at one place; `x` is the input column of its first tap, `in` the input row or NULL outside.
static void gather_row(const tsr_gather_args *args, const uint8_t *in, int32_t x, uint8_t *out) {
    const tsr_window *w = &args->window;
    const size_t bytes = (size_t)args->channel_bytes;
    const int32_t last = x + (w->kernel_width - 1) * w->dilation;
    if (in != NULL && x >= 0 && last < w->width && w->dilation == 1 && w->in_pixel_stride == bytes) {
        copy(out, in + (size_t)x * bytes, (size_t)w->kernel_width * bytes, args->flip);
        return;
    }
    for (int32_t k = 0; k < w->kernel_width; k++, out += bytes) {
        const int32_t column = x + k * w->dilation;
        if (in != NULL && column >= 0 && column < w->width) {
            copy(out, in + (size_t)column * w->in_pixel_stride, bytes, args->flip);
        } else {
            memcpy(out, args->padding, bytes);
        }
    }
}

void tsr_gather(const tsr_gather_args *args) {
    const tsr_window *w = &args->window;
    const size_t row_bytes = (size_t)w->kernel_width * (size_t)args->channel_bytes;
    for (int32_t r = 0; r < w->rows; r++) {
        for (int32_t k = 0; k < w->kernel_height; k++) {
            const int32_t y = (w->first_row + r) * w->stride + k * w->dilation - w->top;
            const uint8_t *in = y >= 0 && y < w->height ? w->in + (size_t)y * w->in_row_stride : NULL;
            uint8_t *out = args->out + (size_t)(r * w->out_width) * args->out_pixel_stride + (size_t)k * row_bytes;
            for (int32_t x = 0; x < w->out_width; x++, out += args->out_pixel_stride)
                gather_row(args, in, x * w->stride - w->left, out);
        }
    }
}

void tsr_copy(const tsr_move_args *args) {
    for (int32_t p = 0; p < args->pixels; p++)
        memcpy(
            args->out + (size_t)p * args->out_stride, args->in + (size_t)p * args->in_stride, (size_t)args->channels
        );
}

void tsr_shuffle(const tsr_move_args *args) {
    const int32_t size = args->size, per = args->channels / size;
    for (int32_t p = 0; p < args->pixels; p++) {
        const uint8_t *restrict in = args->in + (size_t)p * args->in_stride;
        uint8_t *restrict out = args->out + (size_t)p * args->out_stride;
        if (size == 2) {
            for (int32_t i = 0; i < per; i++) {
                out[2 * i] = in[i];
                out[2 * i + 1] = in[per + i];
            }
            continue;
        }
        for (int32_t g = 0; g < size; g++)
            for (int32_t i = 0; i < per; i++)
                out[i * size + g] = in[g * per + i];
    }
}

void tsr_repeat(const tsr_move_args *args) {
    for (int32_t p = 0; p < args->pixels; p++) {
        const uint8_t *restrict in = args->in + (size_t)p * args->in_stride;
        uint8_t *restrict out = args->out + (size_t)p * args->out_stride;
        for (int32_t i = 0; i < args->channels / args->size; i++)
            memset(out + i * args->size, in[i], (size_t)args->size);
    }
}

void tsr_group_maximum(const tsr_move_args *args) {
    for (int32_t p = 0; p < args->pixels; p++) {
        const uint8_t *restrict in = args->in + (size_t)p * args->in_stride;
        uint8_t *restrict out = args->out + (size_t)p * args->out_stride;
        for (int32_t c = 0; c < args->channels; c++) {
            int32_t largest = tsr_logical(in[c * args->size]);
            for (int32_t i = 1; i < args->size; i++) {
                const int32_t q = tsr_logical(in[c * args->size + i]);
                if (q > largest) largest = q;
            }
            out[c] = tsr_stored(largest);
        }
    }
}
