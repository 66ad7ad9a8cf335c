// Pointwise into quads with pmaddwd on 128-bit registers: CPUs without AVX2.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("sse4.1"))), apply_to = function)

#include "../x86/narrow-sse41.h"
#include "../x86/dot-pair16.h"
#include "../x86/narrow.h"
#include "../x86/tile-narrow.h"

#define KERNEL tsr_pointwise_quads__sse41
#include "quads-narrow.h"

#pragma clang attribute pop

#endif
