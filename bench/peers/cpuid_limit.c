// Makes a program believe that its CPU ends at some instruction set, so that engines without a switch for it can be
// compared with our --cpu-mask: a shared library for LD_PRELOAD, with CPUID_LIMIT=avx2, avx-vnni or avx512-vnni (no
// AMX).
//
// Linux can let the CPUID instruction fault (arch_prctl(ARCH_SET_CPUID), x86 with `cpuid_fault` in /proc/cpuinfo). The
// fault is answered here with the true values less the bits above the limit. For benchmarks; a program that installs a
// SIGSEGV handler of its own, or dispatches before its libraries are initialised, escapes it.
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { ARCH_SET_CPUID = 0x1012 };

// Bits of leaf 7 that are taken away, by subleaf and register.
struct limit {
    const char *name;
    uint32_t ebx0, ecx0, edx0, eax1, edx1;
};

#define BIT(n) (1u << (n))
#define AMX_EDX0 (BIT(22) | BIT(24) | BIT(25)) // BF16, TILE, INT8
#define AMX_EAX1 BIT(21)                       // FP16
// F, DQ, IFMA, CD, BW, VL; then VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ; then VP2INTERSECT, FP16
#define AVX512_EBX0 (BIT(16) | BIT(17) | BIT(21) | BIT(28) | BIT(30) | BIT(31))
#define AVX512_ECX0 (BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14))
#define AVX512_EDX0 (BIT(8) | BIT(23))
#define AVX512_EAX1 BIT(5)                                 // BF16
#define AVXVNNI_EAX1 (BIT(4) | BIT(23))                    // VNNI, IFMA
#define AVXVNNI_EDX1 (BIT(4) | BIT(5) | BIT(10) | BIT(19)) // VNNI-INT8, NE-CONVERT, VNNI-INT16, AVX10

static const struct limit limits[] = {
    {"avx512-vnni", 0, 0, AMX_EDX0, AMX_EAX1, 0},
    {"avx-vnni", AVX512_EBX0, AVX512_ECX0, AMX_EDX0 | AVX512_EDX0, AMX_EAX1 | AVX512_EAX1, BIT(19)},
    {"avx2", AVX512_EBX0, AVX512_ECX0, AMX_EDX0 | AVX512_EDX0, AMX_EAX1 | AVX512_EAX1 | AVXVNNI_EAX1, AVXVNNI_EDX1},
};
static const struct limit *chosen;

static void answer(int signal_number, siginfo_t *info, void *context) {
    (void)info;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *instruction = (const uint8_t *)registers[REG_RIP];
    if (instruction[0] != 0x0f || instruction[1] != 0xa2) {
        signal(signal_number, SIG_DFL); // a fault of another kind: let it happen again
        return;
    }
    uint32_t leaf = (uint32_t)registers[REG_RAX], subleaf = (uint32_t)registers[REG_RCX], a, b, c, d;
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1);
    __cpuid_count(leaf, subleaf, a, b, c, d);
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0);
    if (leaf == 7 && subleaf == 0) {
        b &= ~chosen->ebx0;
        c &= ~chosen->ecx0;
        d &= ~chosen->edx0;
    } else if (leaf == 7 && subleaf == 1) {
        a &= ~chosen->eax1;
        d &= ~chosen->edx1;
    }
    registers[REG_RAX] = a;
    registers[REG_RBX] = b;
    registers[REG_RCX] = c;
    registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void limit(void) {
    const char *wanted = getenv("CPUID_LIMIT");
    if (wanted == NULL) return;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        if (strcmp(limits[i].name, wanted) == 0) chosen = &limits[i];
    struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_NODEFER};
    if (chosen == NULL || sigaction(SIGSEGV, &action, NULL) != 0 || syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0) != 0) {
        fprintf(stderr, "cpuid_limit: this machine cannot be limited to %s\n", wanted);
        _exit(69);
    }
}
