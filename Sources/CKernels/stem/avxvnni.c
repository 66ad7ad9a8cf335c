// The stem with the 256-bit vpdpbusd of CPUs without AVX-512.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,avxvnni"))), apply_to = function)

#include "../x86/narrow-avx2.h"
#include "../x86/dot-avxvnni.h"
#include "../x86/narrow.h"

#define KERNEL tsr_stem3x3__avxvnni
#include "narrow.h"

#pragma clang attribute pop

#endif
