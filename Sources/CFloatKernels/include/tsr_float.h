// Float loops of the quantizer's reference interpreters: matrix product, depthwise convolution, statistics.
//
// Every output element is one chain of single-precision operations in the order written in its formula, each rounded on
// its own (no fused multiply-add). Vectors only ever hold different outputs, so that every build of these loops,
// whatever its vector width, gives the same bits: a calibration yields the same model on every CPU.
//
// All functions are pure on the caller's memory, read and write exactly the elements named, need no alignment, and
// their outputs overlap no input.
#ifndef TSR_FLOAT_H
#define TSR_FLOAT_H

#include <stddef.h>
#include <stdint.h>

// Columns of a panel of packed weights.
#define TSR_FLOAT_PANEL 16
// Bins of a histogram; bin TSR_FLOAT_BINS counts exact zeros.
#define TSR_FLOAT_BINS 8192
// Elements between the two tables of a histogram, see `histogram`.
#define TSR_FLOAT_TABLE (TSR_FLOAT_BINS + 16)

// What happens to a sum x of column c, in this order:
//   x = x * multiplier[c]                 where multiplier is not NULL
//   x = x + skip[r][c] * skip_multiplier  where skip is not NULL
//   x = min(max(x, low), high)
//   x = round half to even of x           where rounds is not 0; |low| and |high| are below 2^22 then
typedef struct {
    const float *multiplier; // [columns]
    const float *skip;       // [rows][columns]
    float skip_multiplier;
    float low;
    float high;
    int rounds;
} tsr_float_finish;

typedef struct {
    ptrdiff_t height, width, channels; // of the input
    ptrdiff_t kernel, stride, padding;
    ptrdiff_t out_height, out_width;
} tsr_float_window;

// Builds of the loops that this CPU runs, numbered from 0, widest first; the last one runs everywhere. At least 1.
int tsr_float_builds(void);
// Name of a build, such as "avx2".
const char *tsr_float_build_name(int build);

// `build` is below tsr_float_builds() in all that follows.

// out[r][c] = finish(bias[c] + sum over i of a[r][i] * w[c][i]), i ascending.
// a: [rows][depth]. packed: [ceil(columns / 16)][depth][16]. bias: [ceil(columns / 16) * 16].
void tsr_float_matrix(
    int build, const float *a, ptrdiff_t rows, ptrdiff_t depth, const float *packed, const float *bias,
    ptrdiff_t columns, const tsr_float_finish *finish, float *out
);

// out[y][x][c] = finish(bias[c] + sum over ky, kx inside the input of in[..][..][c] * w[ky][kx][c]).
// in: [height][width][channels]. weights: [kernel][kernel][channels]. bias: [channels].
void tsr_float_depthwise(
    int build, const float *in, const tsr_float_window *window, const float *weights, const float *bias,
    const tsr_float_finish *finish, float *out
);

// x[r][c] = finish(x[r][c]); x is [rows][columns].
void tsr_float_finish_all(int build, float *x, ptrdiff_t rows, ptrdiff_t columns, const tsr_float_finish *finish);

// Least and largest element of n >= 1; NaN where an element is infinite or NaN.
void tsr_float_extent(int build, const float *x, ptrdiff_t n, float *ret_low, float *ret_high);

// Widens low and high of every channel; x is [pixels][channels].
void tsr_float_channel_extents(
    int build, const float *x, ptrdiff_t pixels, ptrdiff_t channels, float *low, float *high
);

// Adds every pixel to the sum of its channel; x is [pixels][channels].
void tsr_float_channel_sums(int build, const float *x, ptrdiff_t pixels, ptrdiff_t channels, double *sum);

// Counts element i in bin floor(x * scale) + 4096, in table i % 2; exact zeros in bin TSR_FLOAT_BINS. Values outside
// go to the outermost bins. counts: two tables, TSR_FLOAT_TABLE elements apart.
void tsr_float_histogram(int build, const float *x, ptrdiff_t n, float scale, uint32_t *counts);

// Adds sum of x^2 to *signal and sum of (x - scale * y)^2 to *noise, in double precision over 16 interleaved sums.
void tsr_float_noise(
    int build, const float *x, const float *y, float scale, ptrdiff_t n, double *signal, double *noise
);

// y = step * round(clamp(x / step, low, high)), half to even: x after a trip through bytes; |low|, |high| <= 255.
void tsr_float_quantize(int build, const float *x, ptrdiff_t n, float step, float low, float high, float *y);

#endif
