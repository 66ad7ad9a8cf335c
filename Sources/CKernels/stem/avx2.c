// The stem with vpmaddwd on 256-bit registers: CPUs without VNNI.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#include "../x86/narrow-avx2.h"
#include "../x86/dot-pair16.h"
#include "../x86/narrow.h"

#define KERNEL tsr_stem3x3__avx2
#include "narrow.h"

#pragma clang attribute pop

#endif
