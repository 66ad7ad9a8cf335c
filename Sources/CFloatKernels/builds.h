// The builds of the loops, see `table.c`.
#ifndef TSR_FLOAT_BUILDS_H
#define TSR_FLOAT_BUILDS_H

#include "include/tsr_float.h"

// Members are what `tsr_float.h` says of the functions of the same name.
typedef struct {
    const char *name;
    void (*matrix
    )(const float *a, ptrdiff_t rows, ptrdiff_t depth, const float *packed, const float *bias, ptrdiff_t columns,
      const tsr_float_finish *finish, float *out);
    void (*depthwise
    )(const float *in, const tsr_float_window *window, const float *weights, const float *bias,
      const tsr_float_finish *finish, float *out);
    void (*finish)(float *x, ptrdiff_t rows, ptrdiff_t columns, const tsr_float_finish *finish);
    void (*extent)(const float *x, ptrdiff_t n, float *ret_low, float *ret_high);
    void (*channel_extents)(const float *x, ptrdiff_t pixels, ptrdiff_t channels, float *low, float *high);
    void (*channel_sums)(const float *x, ptrdiff_t pixels, ptrdiff_t channels, double *sum);
    void (*histogram)(const float *x, ptrdiff_t n, float scale, uint32_t *counts);
    void (*noise)(const float *x, const float *y, float scale, ptrdiff_t n, double *signal, double *noise);
    void (*quantize)(const float *x, ptrdiff_t n, float step, float low, float high, float *y);
} tsr_float_kernels;

#if defined(__x86_64__)
extern const tsr_float_kernels tsr_float_kernels_avx512;
extern const tsr_float_kernels tsr_float_kernels_avx2;
#endif
extern const tsr_float_kernels tsr_float_kernels_generic;

#endif
