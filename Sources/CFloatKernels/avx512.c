// The build for x86-64 with AVX-512.
#include "builds.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define NAME tsr_float_kernels_avx512
#define LABEL "avx512"
#define ROWS 12
#include "float_body.inc"
#pragma clang attribute pop
#endif
