// Where the taps of a window lie. Include it inside the including file's target region. Private to the kernels.
#ifndef TSR_GENERAL_WINDOW_H
#define TSR_GENERAL_WINDOW_H

#include "tsr_general.h"

enum { TAPS_LIMIT = 15 * 15, TAPS_ROOM = TAPS_LIMIT + 3 };

// Bytes from a window's first tap to each of them; three more, for kernels that take taps by four, are those of the
// first.
typedef struct tsr_taps {
    size_t offset[TAPS_ROOM];
    int32_t count;
} tsr_taps;

static inline void taps_of(const tsr_window *w, tsr_taps *ret_taps) {
    int32_t count = 0;
    for (int32_t i = 0; i < w->kernel_height; i++)
        for (int32_t j = 0; j < w->kernel_width; j++)
            ret_taps->offset[count++] =
                (size_t)(i * w->dilation) * w->in_row_stride + (size_t)(j * w->dilation) * w->in_pixel_stride;
    ret_taps->count = count;
    for (int32_t i = 0; i < 3; i++)
        ret_taps->offset[count + i] = 0;
}

// Columns of output row r whose windows lie inside: first <= x < end. Their first taps are at taps_origin.
static inline void inside_of(const tsr_window *w, int32_t r, int32_t *ret_first, int32_t *ret_end) {
    const int32_t top = (w->first_row + r) * w->stride - w->top;
    const int32_t reach = (w->kernel_width - 1) * w->dilation; // from the first tap to the last
    int32_t end = w->width + w->left - reach > 0 ? (w->width + w->left - reach - 1) / w->stride + 1 : 0;
    if (top < 0 || top + (w->kernel_height - 1) * w->dilation >= w->height) end = 0;
    if (end > w->out_width) end = w->out_width;
    *ret_first = (w->left + w->stride - 1) / w->stride;
    if (*ret_first > end) *ret_first = end;
    *ret_end = end;
}

static inline const uint8_t *taps_origin(const tsr_window *w, int32_t r, int32_t x) {
    const int32_t top = (w->first_row + r) * w->stride - w->top, left = x * w->stride - w->left;
    return w->in + (size_t)top * w->in_row_stride + (size_t)left * w->in_pixel_stride;
}

// The taps of output (r, x); `outside` stands for those outside, NULL leaves them out. Returns their number.
static inline int32_t taps_at(
    const tsr_window *w, const tsr_taps *all, int32_t r, int32_t x, const uint8_t *outside,
    const uint8_t *taps[TAPS_ROOM]
) {
    const int32_t top = (w->first_row + r) * w->stride - w->top, left = x * w->stride - w->left;
    const int32_t bottom = top + (w->kernel_height - 1) * w->dilation;
    const int32_t right = left + (w->kernel_width - 1) * w->dilation;
    if (top >= 0 && left >= 0 && bottom < w->height && right < w->width) {
        const uint8_t *origin = w->in + (size_t)top * w->in_row_stride + (size_t)left * w->in_pixel_stride;
        for (int32_t t = 0; t < all->count; t++)
            taps[t] = origin + all->offset[t];
        return all->count;
    }
    // Columns of the window that lie inside: first <= j < end.
    const int32_t first = left >= 0 ? 0 : (w->dilation - 1 - left) / w->dilation;
    const int32_t beyond = left >= w->width ? 0 : (w->width - 1 - left) / w->dilation + 1;
    const int32_t end = beyond < w->kernel_width ? beyond : w->kernel_width;
    int32_t count = 0;
    for (int32_t y = top; y <= bottom; y += w->dilation) {
        const bool inside = y >= 0 && y < w->height;
        int32_t j = 0;
        if (inside) {
            for (; outside != NULL && j < first; j++)
                taps[count++] = outside;
            const uint8_t *row = w->in + (size_t)y * w->in_row_stride;
            for (j = first; j < end; j++)
                taps[count++] = row + (size_t)(left + j * w->dilation) * w->in_pixel_stride;
        }
        for (; outside != NULL && j < w->kernel_width; j++)
            taps[count++] = outside;
    }
    return count;
}

#endif
