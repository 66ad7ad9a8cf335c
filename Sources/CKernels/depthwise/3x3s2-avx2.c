// Depthwise 3x3, stride 2, with vpmaddwd on 256-bit registers: CPUs without VNNI.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#include "../x86/narrow-avx2.h"
#include "../x86/dot-pair16.h"
#include "../x86/narrow.h"

#define KERNEL tsr_depthwise3x3s2__avx2
#include "3x3s2-narrow.h"

#pragma clang attribute pop

#endif
