// One loop per dot-product instruction: independent accumulators enough to hide its latency, operands in registers.
// The accumulators pass through an empty asm statement each step, so that the compiler can neither fold nor drop them.
// They wrap around; nobody looks at them.
#include "tsr_peak.h"

#include <stddef.h>

#define ACCUMULATORS(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11)
enum { ACCUMULATOR_COUNT = 12 };

#if defined(__x86_64__)

#include <immintrin.h>

#define KEEP(v) __asm__ volatile("" : "+x"(v))
#define KEEP512(v) __asm__ volatile("" : "+v"(v))

__attribute__((target("avx512f,avx512vnni"))) static void vpdpbusd_zmm(int64_t steps) {
    __m512i a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(2);
    KEEP512(a);
    KEEP512(b);
#define DECLARE(i) __m512i c##i = _mm512_setzero_si512();
    ACCUMULATORS(DECLARE)
#undef DECLARE
    for (int64_t k = 0; k < steps; k++) {
#define STEP(i)                                                                                                        \
    c##i = _mm512_dpbusd_epi32(c##i, a, b);                                                                            \
    KEEP512(c##i);
        ACCUMULATORS(STEP)
#undef STEP
    }
}

__attribute__((target("avx2,avxvnni"))) static void vpdpbusd_ymm(int64_t steps) {
    __m256i a = _mm256_set1_epi8(3), b = _mm256_set1_epi8(2);
    KEEP(a);
    KEEP(b);
#define DECLARE(i) __m256i c##i = _mm256_setzero_si256();
    ACCUMULATORS(DECLARE)
#undef DECLARE
    for (int64_t k = 0; k < steps; k++) {
#define STEP(i)                                                                                                        \
    c##i = _mm256_dpbusd_avx_epi32(c##i, a, b);                                                                        \
    KEEP(c##i);
        ACCUMULATORS(STEP)
#undef STEP
    }
}

// Without VNNI: bytes widened to 16 bits, pairs multiplied and added, then added to the accumulator.
__attribute__((target("avx2"))) static void vpmaddwd_ymm(int64_t steps) {
    __m256i a = _mm256_set1_epi16(3), b = _mm256_set1_epi16(2);
#define DECLARE(i) __m256i c##i = _mm256_setzero_si256();
    ACCUMULATORS(DECLARE)
#undef DECLARE
    for (int64_t k = 0; k < steps; k++) {
#define STEP(i)                                                                                                        \
    KEEP(a);                                                                                                           \
    c##i = _mm256_add_epi32(c##i, _mm256_madd_epi16(a, b));                                                            \
    KEEP(c##i);
        ACCUMULATORS(STEP)
#undef STEP
    }
}

__attribute__((target("sse4.1"))) static void pmaddwd_xmm(int64_t steps) {
    __m128i a = _mm_set1_epi16(3), b = _mm_set1_epi16(2);
#define DECLARE(i) __m128i c##i = _mm_setzero_si128();
    ACCUMULATORS(DECLARE)
#undef DECLARE
    for (int64_t k = 0; k < steps; k++) {
#define STEP(i)                                                                                                        \
    KEEP(a);                                                                                                           \
    c##i = _mm_add_epi32(c##i, _mm_madd_epi16(a, b));                                                                  \
    KEEP(c##i);
        ACCUMULATORS(STEP)
#undef STEP
    }
}

static const tsr_peak peaks[] = {
    {TSR_CPU_AVX512VNNI, "vpdpbusd zmm", 64 * ACCUMULATOR_COUNT, vpdpbusd_zmm},
    {TSR_CPU_AVXVNNI, "vpdpbusd ymm", 32 * ACCUMULATOR_COUNT, vpdpbusd_ymm},
    {TSR_CPU_AVX2, "vpmaddwd ymm", 16 * ACCUMULATOR_COUNT, vpmaddwd_ymm},
    {TSR_CPU_SSE41, "pmaddwd xmm", 8 * ACCUMULATOR_COUNT, pmaddwd_xmm},
};

#elif defined(__aarch64__)

#include <arm_neon.h>

#define KEEP(v) __asm__ volatile("" : "+w"(v))

__attribute__((target("arch=armv8.2-a+i8mm"))) static void smmla(int64_t steps) {
    int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(2);
    KEEP(a);
    KEEP(b);
#define DECLARE(i) int32x4_t c##i = vdupq_n_s32(0);
    ACCUMULATORS(DECLARE)
#undef DECLARE
    for (int64_t k = 0; k < steps; k++) {
#define STEP(i)                                                                                                        \
    c##i = vmmlaq_s32(c##i, a, b);                                                                                     \
    KEEP(c##i);
        ACCUMULATORS(STEP)
#undef STEP
    }
}

__attribute__((target("arch=armv8.2-a+dotprod"))) static void sdot(int64_t steps) {
    int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(2);
    KEEP(a);
    KEEP(b);
#define DECLARE(i) int32x4_t c##i = vdupq_n_s32(0);
    ACCUMULATORS(DECLARE)
#undef DECLARE
    for (int64_t k = 0; k < steps; k++) {
#define STEP(i)                                                                                                        \
    c##i = vdotq_s32(c##i, a, b);                                                                                      \
    KEEP(c##i);
        ACCUMULATORS(STEP)
#undef STEP
    }
}

// Without dotprod: 16-bit products accumulated in 32 bits.
static void smlal(int64_t steps) {
    int16x4_t a = vdup_n_s16(3), b = vdup_n_s16(2);
    KEEP(a);
    KEEP(b);
#define DECLARE(i) int32x4_t c##i = vdupq_n_s32(0);
    ACCUMULATORS(DECLARE)
#undef DECLARE
    for (int64_t k = 0; k < steps; k++) {
#define STEP(i)                                                                                                        \
    c##i = vmlal_s16(c##i, a, b);                                                                                      \
    KEEP(c##i);
        ACCUMULATORS(STEP)
#undef STEP
    }
}

static const tsr_peak peaks[] = {
    {TSR_CPU_I8MM, "smmla", 32 * ACCUMULATOR_COUNT, smmla},
    {TSR_CPU_DOTPROD, "sdot", 16 * ACCUMULATOR_COUNT, sdot},
    {TSR_CPU_NEON, "smlal", 4 * ACCUMULATOR_COUNT, smlal},
};

#else

static const tsr_peak peaks[1];

#endif

const tsr_peak *tsr_peak_table(int32_t *ret_count) {
#if defined(__x86_64__) || defined(__aarch64__)
    *ret_count = (int32_t)(sizeof peaks / sizeof peaks[0]);
#else
    *ret_count = 0;
#endif
    return peaks;
}
