#include "tsr_cpu.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

// XCR0: what the operating system saves at a context switch.
static uint64_t xgetbv0(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

// Linux keeps the 8 KiB of tile registers only for processes that ask (Documentation/arch/x86/xstate.rst).
static bool may_use_tiles(void) {
    const long request_permission = 0x1023, tile_data = 18; // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

uint32_t tsr_cpu_detect(void) {
    uint32_t a, b, c, d, bits = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    if (c & bit_SSE4_1) bits |= TSR_CPU_SSE41;
    if (!(c & bit_OSXSAVE) || !(c & bit_AVX)) return bits;
    const bool has_fma = c & bit_FMA;
    const uint64_t xcr0 = xgetbv0();
    const uint64_t ymm_state = 0x6, zmm_state = 0xe6;
    if ((xcr0 & ymm_state) != ymm_state) return bits;

    uint32_t b7, c7, d7, a71 = 0;
    if (!__get_cpuid_count(7, 0, &a, &b7, &c7, &d7)) return bits;
    if (a >= 1) __get_cpuid_count(7, 1, &a71, &b, &c, &d);
    if (!(b7 & bit_AVX2) || !has_fma) return bits;
    bits |= TSR_CPU_AVX2;
    if (a71 & (1u << 4)) bits |= TSR_CPU_AVXVNNI;
    const uint32_t avx512 = bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL;
    if ((xcr0 & zmm_state) == zmm_state && (b7 & avx512) == avx512 && (c7 & bit_AVX512VNNI)) {
        bits |= TSR_CPU_AVX512VNNI;
        if (c7 & bit_AVX512VBMI) bits |= TSR_CPU_AVX512VBMI;
        const uint64_t tile_state = 0x60000;
        const uint32_t amx = 1u << 24 | 1u << 25;
        if ((xcr0 & tile_state) == tile_state && (d7 & amx) == amx && may_use_tiles()) bits |= TSR_CPU_AMXINT8;
    }
    return bits;
}

#elif defined(__aarch64__)

#include <sys/auxv.h>

// Bits of the kernel's uapi asm/hwcap.h.
#define TSR_HWCAP_ASIMD (1ul << 1)
#define TSR_HWCAP_ASIMDDP (1ul << 20)
#define TSR_HWCAP2_I8MM (1ul << 13)

uint32_t tsr_cpu_detect(void) {
    const unsigned long hwcap = getauxval(AT_HWCAP), hwcap2 = getauxval(AT_HWCAP2);
    uint32_t bits = 0;
    if (hwcap & TSR_HWCAP_ASIMD) bits |= TSR_CPU_NEON;
    if (hwcap & TSR_HWCAP_ASIMDDP) bits |= TSR_CPU_DOTPROD;
    if (hwcap2 & TSR_HWCAP2_I8MM) bits |= TSR_CPU_I8MM;
    return bits;
}

#else

uint32_t tsr_cpu_detect(void) { return 0; }

#endif
