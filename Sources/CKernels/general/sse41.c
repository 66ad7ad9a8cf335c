// The general operations on 128-bit registers.
#if defined(__x86_64__)

#include "tsr_general.h"

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("sse4.1"))), apply_to = function)

#define TSR_NAME(op) tsr_##op##__sse41
#include "body.h"

#pragma clang attribute pop

#endif
