// Depthwise 3x3, stride 1, on base ARMv8.0; the method is in arm/depthwise_mull.h.
#if defined(__aarch64__)

#include "../arm/depthwise_mull.h"

void tsr_depthwise3x3s1__neon(const tsr_depthwise3x3_args *args) {
    if (tsr_arm_is_small_and_even(args->output)) {
        tsr_dw_layer(true, args, 1, 6, 3);
    } else {
        tsr_dw_layer(false, args, 1, 6, 3);
    }
}

#endif
