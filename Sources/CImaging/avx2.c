#if defined(__x86_64__)
#include "builds.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define BUILD(function) function##__avx2
#define BUILD_NAME "avx2"
#include "body.inc"
#pragma clang attribute pop
#endif
