// The build for x86-64 with AVX2.
#include "builds.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define NAME tsr_float_kernels_avx2
#define LABEL "avx2"
#define ROWS 6
#include "float_body.inc"
#pragma clang attribute pop
#endif
