// Depthwise 3x3, stride 2, on base ARMv8.0; the method is in arm/depthwise_mull.h.
#if defined(__aarch64__)

#include "../arm/depthwise_mull.h"

void tsr_depthwise3x3s2__neon(const tsr_depthwise3x3_args *args) { tsr_dw_layer(args, 2, 3, 2); }

#endif
