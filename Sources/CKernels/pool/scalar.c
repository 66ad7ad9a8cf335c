// Global average pool, the plain formula. Normative; never optimised.
#include "tsr_kernels.h"

void tsr_pool__scalar(const tsr_pool_args *args) {
    for (int32_t c = 0; c < args->channels; c++) {
        int32_t acc = args->bias;
        for (int32_t p = 0; p < args->pixels; p++) {
            acc += tsr_logical(args->in[(size_t)p * args->pixel_stride + (size_t)c]) + TSR_STORED_BIAS;
        }
        args->out[c] = tsr_requantize(acc, args->multiplier, args->output);
    }
}
