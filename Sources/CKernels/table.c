// The tables of kernels, one per operation. The .inc file of an operation lists its kernels best first, the scalar
// last: a line there declares the kernel, makes it a candidate of the dispatch, and has the harness verify and bench
// it.
//   TSR_KERNEL(cpu bits needed, packing, function)
#include "tsr_kernels.h"

#define TSR_ROW(needs, packing, function) {(needs), (packing), #function, function},

#define TSR_KERNEL(needs, packing, function) tsr_pointwise_quads_fn function;
#include "pointwise/quads.inc"
#undef TSR_KERNEL
#define TSR_KERNEL TSR_ROW
static const tsr_pointwise_quads_kernel pointwise_quads_kernels[] = {
#include "pointwise/quads.inc"
};
#undef TSR_KERNEL
const tsr_pointwise_quads_kernel *tsr_pointwise_quads_table(int32_t *ret_count) {
    *ret_count = (int32_t)(sizeof pointwise_quads_kernels / sizeof pointwise_quads_kernels[0]);
    return pointwise_quads_kernels;
}

#define TSR_KERNEL(needs, packing, function) tsr_pointwise_pixels_fn function;
#include "pointwise/pixels.inc"
#undef TSR_KERNEL
#define TSR_KERNEL TSR_ROW
static const tsr_pointwise_pixels_kernel pointwise_pixels_kernels[] = {
#include "pointwise/pixels.inc"
};
#undef TSR_KERNEL
const tsr_pointwise_pixels_kernel *tsr_pointwise_pixels_table(int32_t *ret_count) {
    *ret_count = (int32_t)(sizeof pointwise_pixels_kernels / sizeof pointwise_pixels_kernels[0]);
    return pointwise_pixels_kernels;
}

#define TSR_KERNEL(needs, packing, function) tsr_depthwise3x3s1_fn function;
#include "depthwise/depthwise3x3s1.inc"
#undef TSR_KERNEL
#define TSR_KERNEL TSR_ROW
static const tsr_depthwise3x3s1_kernel depthwise3x3s1_kernels[] = {
#include "depthwise/depthwise3x3s1.inc"
};
#undef TSR_KERNEL
const tsr_depthwise3x3s1_kernel *tsr_depthwise3x3s1_table(int32_t *ret_count) {
    *ret_count = (int32_t)(sizeof depthwise3x3s1_kernels / sizeof depthwise3x3s1_kernels[0]);
    return depthwise3x3s1_kernels;
}

#define TSR_KERNEL(needs, packing, function) tsr_depthwise3x3s2_fn function;
#include "depthwise/depthwise3x3s2.inc"
#undef TSR_KERNEL
#define TSR_KERNEL TSR_ROW
static const tsr_depthwise3x3s2_kernel depthwise3x3s2_kernels[] = {
#include "depthwise/depthwise3x3s2.inc"
};
#undef TSR_KERNEL
const tsr_depthwise3x3s2_kernel *tsr_depthwise3x3s2_table(int32_t *ret_count) {
    *ret_count = (int32_t)(sizeof depthwise3x3s2_kernels / sizeof depthwise3x3s2_kernels[0]);
    return depthwise3x3s2_kernels;
}

#define TSR_KERNEL(needs, packing, function) tsr_stem3x3_fn function;
#include "stem/stem3x3.inc"
#undef TSR_KERNEL
#define TSR_KERNEL TSR_ROW
static const tsr_stem3x3_kernel stem3x3_kernels[] = {
#include "stem/stem3x3.inc"
};
#undef TSR_KERNEL
const tsr_stem3x3_kernel *tsr_stem3x3_table(int32_t *ret_count) {
    *ret_count = (int32_t)(sizeof stem3x3_kernels / sizeof stem3x3_kernels[0]);
    return stem3x3_kernels;
}

#define TSR_KERNEL(needs, packing, function) tsr_interleave_fn function;
#include "interleave/interleave.inc"
#undef TSR_KERNEL
#define TSR_KERNEL TSR_ROW
static const tsr_interleave_kernel interleave_kernels[] = {
#include "interleave/interleave.inc"
};
#undef TSR_KERNEL
const tsr_interleave_kernel *tsr_interleave_table(int32_t *ret_count) {
    *ret_count = (int32_t)(sizeof interleave_kernels / sizeof interleave_kernels[0]);
    return interleave_kernels;
}

#define TSR_KERNEL(needs, packing, function) tsr_pool_fn function;
#include "pool/pool.inc"
#undef TSR_KERNEL
#define TSR_KERNEL TSR_ROW
static const tsr_pool_kernel pool_kernels[] = {
#include "pool/pool.inc"
};
#undef TSR_KERNEL
const tsr_pool_kernel *tsr_pool_table(int32_t *ret_count) {
    *ret_count = (int32_t)(sizeof pool_kernels / sizeof pool_kernels[0]);
    return pool_kernels;
}

#define TSR_KERNEL(needs, packing, function) tsr_dense_fn function;
#include "dense/dense.inc"
#undef TSR_KERNEL
#define TSR_KERNEL TSR_ROW
static const tsr_dense_kernel dense_kernels[] = {
#include "dense/dense.inc"
};
#undef TSR_KERNEL
const tsr_dense_kernel *tsr_dense_table(int32_t *ret_count) {
    *ret_count = (int32_t)(sizeof dense_kernels / sizeof dense_kernels[0]);
    return dense_kernels;
}
