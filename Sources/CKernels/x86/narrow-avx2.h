// Eight 32-bit lanes: what the kernels for narrow registers (narrow.h) need, in AVX2. Include it inside a region with
// the target; private to the kernels.
#ifndef TSR_X86_NARROW_AVX2_H
#define TSR_X86_NARROW_AVX2_H

#include "strip.h"

#include <immintrin.h>

enum { V_LANES = 8, V_FMA = 1 };
typedef __m256i vi;
typedef __m256 vf;

TSR_X86_INLINE vi v_load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
TSR_X86_INLINE void v_store(void *p, vi a) { _mm256_storeu_si256((__m256i *)p, a); }
TSR_X86_INLINE vf v_loadf(const void *p) { return _mm256_loadu_ps((const float *)p); }
TSR_X86_INLINE void v_storef(void *p, vf a) { _mm256_storeu_ps((float *)p, a); }
TSR_X86_INLINE vi v_zero(void) { return _mm256_setzero_si256(); }
TSR_X86_INLINE vi v_set32(int32_t a) { return _mm256_set1_epi32(a); }
TSR_X86_INLINE vi v_set16(int32_t a) { return _mm256_set1_epi16((int16_t)a); }
TSR_X86_INLINE vi v_set8(int32_t a) { return _mm256_set1_epi8((char)a); }
TSR_X86_INLINE vf v_setf(float a) { return _mm256_set1_ps(a); }
TSR_X86_INLINE vi v_add32(vi a, vi b) { return _mm256_add_epi32(a, b); }
TSR_X86_INLINE vi v_sub32(vi a, vi b) { return _mm256_sub_epi32(a, b); }
TSR_X86_INLINE vi v_and(vi a, vi b) { return _mm256_and_si256(a, b); }
TSR_X86_INLINE vi v_or(vi a, vi b) { return _mm256_or_si256(a, b); }
TSR_X86_INLINE vi v_high_bytes(vi a) { return _mm256_srli_epi16(a, 8); }
TSR_X86_INLINE vi v_madd(vi a, vi b) { return _mm256_madd_epi16(a, b); }
TSR_X86_INLINE vf v_tofloat(vi a) { return _mm256_cvtepi32_ps(a); }
TSR_X86_INLINE vi v_toint(vf a) { return _mm256_cvtps_epi32(a); }
TSR_X86_INLINE vf v_mulf(vf a, vf b) { return _mm256_mul_ps(a, b); }
TSR_X86_INLINE vf v_addf(vf a, vf b) { return _mm256_add_ps(a, b); }
TSR_X86_INLINE vf v_asfloat(vi a) { return _mm256_castsi256_ps(a); }
TSR_X86_INLINE vf v_fmadd(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
TSR_X86_INLINE vi v_packs32(vi a, vi b) { return _mm256_packs_epi32(a, b); }
TSR_X86_INLINE vi v_packus16(vi a, vi b) { return _mm256_packus_epi16(a, b); }
TSR_X86_INLINE vi v_adds16(vi a, vi b) { return _mm256_adds_epi16(a, b); }
TSR_X86_INLINE vi v_minu8(vi a, vi b) { return _mm256_min_epu8(a, b); }
TSR_X86_INLINE vi v_maxu8(vi a, vi b) { return _mm256_max_epu8(a, b); }

// A 32-bit word in every lane, from where v_spread put it.
enum { V_SPREAD_BYTES = 4 };
TSR_X86_INLINE vi v_splat(const uint8_t *p) { return _mm256_set1_epi32(tsr_load4(p)); }

// Four words, V_SPREAD_BYTES each, as v_splat reads them.
TSR_X86_INLINE void v_spread(uint8_t *to, __m128i words) { _mm_store_si128((__m128i *)to, words); }

// The same byte order in every 128 bits.
TSR_X86_INLINE vi v_shuffle(vi a, __m128i order) { return _mm256_shuffle_epi8(a, _mm256_broadcastsi128_si256(order)); }

// V_LANES bytes, zero-extended.
TSR_X86_INLINE vi v_widen(const uint8_t *p) { return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p)); }

// Two registers of packed bytes (narrow.h), 16 neighbouring channels -> 16 bytes of each of four pixels.
TSR_X86_INLINE void v_store_pixels(uint8_t *out, size_t stride, vi a, vi b) {
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7); // 8 bytes a pixel
    a = _mm256_permutevar8x32_epi32(a, order);
    b = _mm256_permutevar8x32_epi32(b, order);
    const __m256i even = _mm256_unpacklo_epi64(a, b), odd = _mm256_unpackhi_epi64(a, b);
    _mm_storeu_si128((__m128i *)out, _mm256_castsi256_si128(even));
    _mm_storeu_si128((__m128i *)(out + stride), _mm256_castsi256_si128(odd));
    _mm_storeu_si128((__m128i *)(out + 2 * stride), _mm256_extracti128_si256(even, 1));
    _mm_storeu_si128((__m128i *)(out + 3 * stride), _mm256_extracti128_si256(odd, 1));
}

#endif
