// The build for every CPU of the architecture: SSE2 on x86-64, NEON on Arm.
#include "builds.h"

#define NAME tsr_float_kernels_generic
#define LABEL "generic"
#if defined(__aarch64__)
#define ROWS 6
#else
#define ROWS 3
#endif
#include "float_body.inc"
