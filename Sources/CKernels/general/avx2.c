// The general operations on 256-bit registers.
#if defined(__x86_64__)

#include "tsr_general.h"

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

#define TSR_NAME(op) tsr_##op##__avx2
#include "body.h"

#pragma clang attribute pop

#endif
