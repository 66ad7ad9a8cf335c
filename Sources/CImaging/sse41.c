#if defined(__x86_64__)
#include "builds.h"

#pragma clang attribute push(__attribute__((target("sse4.1"))), apply_to = function)
#define BUILD(function) function##__sse41
#define BUILD_NAME "sse4.1"
#include "body.inc"
#pragma clang attribute pop
#endif
