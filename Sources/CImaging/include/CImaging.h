// CImaging: the inner loops of resizing and colour conversion, on the caller's memory. Every set of kernels gives the
// same bytes; Swift says what a picture is and where it goes. Imported by Imaging alone.
#ifndef TSR_CIMAGING_H
#define TSR_CIMAGING_H

#include <stddef.h>
#include <stdint.h>

// Fractional bits of a weight. Weights are not negative; those of one output sum to 1 give or take their rounding, so
// sums of 255 * weight fit in 31 bits.
enum { TSR_IMAGING_WEIGHT_BITS = 22 };

typedef struct {
    const char *name;

    // out[i] = min(255, (2^21 + sum over t of row(t)[i] * weights[t]) >> 22) for i in [0, count), t in [0, taps), where
    // row(t) is at source + ((first + t) >> shift) * stride: shift 1 for chroma of half height. `out` overlaps no row.
    void (*down
    )(const uint8_t *source, size_t stride, int32_t first, int32_t shift, const int32_t *weights, int32_t taps,
      size_t count, uint8_t *out);

    // The same along a row of pixels of `step` bytes (3 or 4), for their first three:
    // out[i * step + c] from source[(first[i] + t) * step + c] and weights[i * stride + t], t in [0, taps[i]).
    // Reads and writes four bytes a pixel: with step 3 up to one byte behind the last pixel read, and one behind the
    // last written, whose value means nothing. `readable` bytes are there from `source` on, all of those at least.
    //
    // `digits` are the weights once more, for those who multiply bytes: w = d0 + 256 d1 + 65536 d2 with d in
    // [-128, 127]; digit d of tap 4 g + t of output 4 b + l is at ((b * groups + g) * 3 + d) * 16 + 4 l + t. Zero
    // beyond the taps, and beyond `count` to the next multiple of 4.
    void (*across
    )(const uint8_t *source, size_t readable, int32_t step, const int32_t *first, const int32_t *taps,
      const int32_t *weights, int32_t stride, const int8_t *digits, int32_t groups, size_t count, uint8_t *out);

    // Pixels Y U V x to R G B: BT.601, limited range, in 8-bit fixed point; with c = Y - 16, d = U - 128, e = V - 128:
    // R = (298 c + 409 e + 128) >> 8, G = (298 c - 100 d - 208 e + 128) >> 8, B = (298 c + 516 d + 128) >> 8, clamped.
    void (*yuv_to_rgb)(const uint8_t *yuvx, size_t count, uint8_t *rgb);

    // Rows of 4:2:2 to pixels Y U V x, chroma repeated; `offset` is the first column wanted (may be odd).
    void (*unpack_yuyv)(const uint8_t *row, size_t offset, size_t count, uint8_t *yuvx);
    void (*unpack_uyvy)(const uint8_t *row, size_t offset, size_t count, uint8_t *yuvx);

    // A row of luma and one of chroma for every other column to pixels Y U V x. `v` is u + 1 and chroma_step 2 for
    // NV12, another row and 1 for I420.
    void (*unpack_planes
    )(const uint8_t *luma, const uint8_t *u, const uint8_t *v, int32_t chroma_step, size_t offset, size_t count,
      uint8_t *yuvx);

    // A row of cells of side x side pixels, of one of the bytes of each: out[i] = (sum + n / 2) / n over the n bytes at
    // source + r * row_step * stride + (i * side + c) * step, r in [0, rows), c in [0, side), i in [0, count).
    // 1 <= rows <= 256, 1 <= side <= 256.
    void (*cells
    )(const uint8_t *source, size_t stride, size_t rows, size_t row_step, size_t step, size_t side, size_t count,
      uint8_t *out);
} tsr_imaging_kernels;

// All sets that this CPU can run, best first, then NULL; the last is plain.
const tsr_imaging_kernels *const *tsr_imaging_all(void);

#endif
