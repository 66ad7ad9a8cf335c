// What the running CPU can do, in the steps our kernels care about.
#ifndef TSR_CPU_H
#define TSR_CPU_H

#include <stdint.h>

// One bit a step of the ladder. A kernel may run when all bits it needs are in `tsr_cpu_detect() & mask`.
enum {
    TSR_CPU_SSE41 = 1u << 0,
    TSR_CPU_AVX2 = 1u << 1,       // and FMA, which every CPU with AVX2 has
    TSR_CPU_AVXVNNI = 1u << 2,    // vpdpbusd on 256-bit registers, no AVX-512
    TSR_CPU_AVX512VNNI = 1u << 3, // AVX-512 F, BW, DQ, VL and VNNI
    TSR_CPU_AVX512VBMI = 1u << 5, // permutations of bytes; no step of the ladder, but comes with AVX-512 VNNI or not
    TSR_CPU_AMXINT8 = 1u << 4,    // AMX tiles of bytes; the process has asked the kernel for their state
    TSR_CPU_NEON = 1u << 8,
    TSR_CPU_DOTPROD = 1u << 9, // sdot
    TSR_CPU_I8MM = 1u << 10,   // smmla, usdot
};

// Bits of this CPU as the operating system lets us use them. Any thread. Asks Linux for the AMX state, for this process
// and its children, where the CPU has it; without that, AMX is not among the bits.
uint32_t tsr_cpu_detect(void);

#endif
