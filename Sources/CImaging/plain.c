// What every CPU of the architecture has: NEON on Arm, SSE2 on x86.
#include "builds.h"

#define BUILD(function) function##__plain
#define BUILD_NAME "plain"
#include "body.inc"
