// Which builds of the loops this CPU can run, and the way into them.
#include "builds.h"

static int list(const tsr_float_kernels *builds[3]) {
    int count = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        builds[count++] = &tsr_float_kernels_avx512;
    if (__builtin_cpu_supports("avx2")) builds[count++] = &tsr_float_kernels_avx2;
#endif
    builds[count++] = &tsr_float_kernels_generic;
    return count;
}

static const tsr_float_kernels *at(int build) {
    const tsr_float_kernels *builds[3] = {0};
    const int count = list(builds);
    return builds[build < 0 || build >= count ? count - 1 : build];
}

int tsr_float_builds(void) {
    const tsr_float_kernels *builds[3];
    return list(builds);
}

const char *tsr_float_build_name(int build) { return at(build)->name; }

void tsr_float_matrix(
    int build, const float *a, ptrdiff_t rows, ptrdiff_t depth, const float *packed, const float *bias,
    ptrdiff_t columns, const tsr_float_finish *finish, float *out
) {
    at(build)->matrix(a, rows, depth, packed, bias, columns, finish, out);
}

void tsr_float_depthwise(
    int build, const float *in, const tsr_float_window *window, const float *weights, const float *bias,
    const tsr_float_finish *finish, float *out
) {
    at(build)->depthwise(in, window, weights, bias, finish, out);
}

void tsr_float_finish_all(int build, float *x, ptrdiff_t rows, ptrdiff_t columns, const tsr_float_finish *finish) {
    at(build)->finish(x, rows, columns, finish);
}

void tsr_float_extent(int build, const float *x, ptrdiff_t n, float *ret_low, float *ret_high) {
    at(build)->extent(x, n, ret_low, ret_high);
}

void tsr_float_channel_extents(
    int build, const float *x, ptrdiff_t pixels, ptrdiff_t channels, float *low, float *high
) {
    at(build)->channel_extents(x, pixels, channels, low, high);
}

void tsr_float_channel_sums(int build, const float *x, ptrdiff_t pixels, ptrdiff_t channels, double *sum) {
    at(build)->channel_sums(x, pixels, channels, sum);
}

void tsr_float_histogram(int build, const float *x, ptrdiff_t n, float scale, uint32_t *counts) {
    at(build)->histogram(x, n, scale, counts);
}

void tsr_float_noise(
    int build, const float *x, const float *y, float scale, ptrdiff_t n, double *signal, double *noise
) {
    at(build)->noise(x, y, scale, n, signal, noise);
}

void tsr_float_quantize(int build, const float *x, ptrdiff_t n, float step, float low, float high, float *y) {
    at(build)->quantize(x, n, step, low, high, y);
}
