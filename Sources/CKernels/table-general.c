// The tables of the general operations, as in table.c.
#include "tsr_general.h"

#define TSR_ROW(needs, packing, function) {(needs), (packing), #function, function},

#define TSR_KERNEL(needs, packing, function) tsr_window_depthwise_fn function;
#include "general/window_depthwise.inc"
#undef TSR_KERNEL
#define TSR_KERNEL TSR_ROW
static const tsr_window_depthwise_kernel window_depthwise_kernels[] = {
#include "general/window_depthwise.inc"
};
#undef TSR_KERNEL
const tsr_window_depthwise_kernel *tsr_window_depthwise_table(int32_t *ret_count) {
    *ret_count = (int32_t)(sizeof window_depthwise_kernels / sizeof window_depthwise_kernels[0]);
    return window_depthwise_kernels;
}

#define TSR_KERNEL(needs, packing, function) tsr_window_pool_fn function;
#include "general/window_pool.inc"
#undef TSR_KERNEL
#define TSR_KERNEL TSR_ROW
static const tsr_window_pool_kernel window_pool_kernels[] = {
#include "general/window_pool.inc"
};
#undef TSR_KERNEL
const tsr_window_pool_kernel *tsr_window_pool_table(int32_t *ret_count) {
    *ret_count = (int32_t)(sizeof window_pool_kernels / sizeof window_pool_kernels[0]);
    return window_pool_kernels;
}

#define TSR_KERNEL(needs, packing, function) tsr_lookup_fn function;
#include "general/lookup.inc"
#undef TSR_KERNEL
#define TSR_KERNEL TSR_ROW
static const tsr_lookup_kernel lookup_kernels[] = {
#include "general/lookup.inc"
};
#undef TSR_KERNEL
const tsr_lookup_kernel *tsr_lookup_table(int32_t *ret_count) {
    *ret_count = (int32_t)(sizeof lookup_kernels / sizeof lookup_kernels[0]);
    return lookup_kernels;
}

#define TSR_KERNEL(needs, packing, function) tsr_sum_fn function;
#include "general/sum.inc"
#undef TSR_KERNEL
#define TSR_KERNEL TSR_ROW
static const tsr_sum_kernel sum_kernels[] = {
#include "general/sum.inc"
};
#undef TSR_KERNEL
const tsr_sum_kernel *tsr_sum_table(int32_t *ret_count) {
    *ret_count = (int32_t)(sizeof sum_kernels / sizeof sum_kernels[0]);
    return sum_kernels;
}

#define TSR_KERNEL(needs, packing, function) tsr_product_fn function;
#include "general/product.inc"
#undef TSR_KERNEL
#define TSR_KERNEL TSR_ROW
static const tsr_product_kernel product_kernels[] = {
#include "general/product.inc"
};
#undef TSR_KERNEL
const tsr_product_kernel *tsr_product_table(int32_t *ret_count) {
    *ret_count = (int32_t)(sizeof product_kernels / sizeof product_kernels[0]);
    return product_kernels;
}
