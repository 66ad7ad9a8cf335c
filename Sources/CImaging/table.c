#include "builds.h"

const tsr_imaging_kernels *const *tsr_imaging_all(void) {
#if defined(__x86_64__)
    static const tsr_imaging_kernels *const all[] = {
        &tsr_imaging__avx512vnni, &tsr_imaging__avx2, &tsr_imaging__sse41, &tsr_imaging__plain, NULL};
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl")) {
        return all;
    }
    if (__builtin_cpu_supports("avx2")) {
        return all + 1;
    }
    if (__builtin_cpu_supports("sse4.1")) {
        return all + 2;
    }
    return all + 3;
#else
    static const tsr_imaging_kernels *const plain[] = {&tsr_imaging__plain, NULL};
    return plain;
#endif
}
