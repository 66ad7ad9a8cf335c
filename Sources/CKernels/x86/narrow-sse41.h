// Four 32-bit lanes: what the kernels for narrow registers (narrow.h) need, in SSE4.1. Include it inside a region with
// the target; private to the kernels.
#ifndef TSR_X86_NARROW_SSE41_H
#define TSR_X86_NARROW_SSE41_H

#include "strip.h"

#include <immintrin.h>

enum { V_LANES = 4, V_FMA = 0 };
typedef __m128i vi;
typedef __m128 vf;

TSR_X86_INLINE vi v_load(const void *p) { return _mm_loadu_si128((const __m128i *)p); }
TSR_X86_INLINE void v_store(void *p, vi a) { _mm_storeu_si128((__m128i *)p, a); }
TSR_X86_INLINE vf v_loadf(const void *p) { return _mm_loadu_ps((const float *)p); }
TSR_X86_INLINE void v_storef(void *p, vf a) { _mm_storeu_ps((float *)p, a); }
TSR_X86_INLINE vi v_zero(void) { return _mm_setzero_si128(); }
TSR_X86_INLINE vi v_set32(int32_t a) { return _mm_set1_epi32(a); }
TSR_X86_INLINE vi v_set16(int32_t a) { return _mm_set1_epi16((int16_t)a); }
TSR_X86_INLINE vi v_set8(int32_t a) { return _mm_set1_epi8((char)a); }
TSR_X86_INLINE vf v_setf(float a) { return _mm_set1_ps(a); }
TSR_X86_INLINE vi v_add32(vi a, vi b) { return _mm_add_epi32(a, b); }
TSR_X86_INLINE vi v_sub32(vi a, vi b) { return _mm_sub_epi32(a, b); }
TSR_X86_INLINE vi v_and(vi a, vi b) { return _mm_and_si128(a, b); }
TSR_X86_INLINE vi v_or(vi a, vi b) { return _mm_or_si128(a, b); }
TSR_X86_INLINE vi v_high_bytes(vi a) { return _mm_srli_epi16(a, 8); }
TSR_X86_INLINE vi v_madd(vi a, vi b) { return _mm_madd_epi16(a, b); }
TSR_X86_INLINE vf v_tofloat(vi a) { return _mm_cvtepi32_ps(a); }
TSR_X86_INLINE vi v_toint(vf a) { return _mm_cvtps_epi32(a); }
TSR_X86_INLINE vf v_mulf(vf a, vf b) { return _mm_mul_ps(a, b); }
TSR_X86_INLINE vf v_addf(vf a, vf b) { return _mm_add_ps(a, b); }
TSR_X86_INLINE vf v_asfloat(vi a) { return _mm_castsi128_ps(a); }
TSR_X86_INLINE vf v_fmadd(vf a, vf b, vf c) { return v_addf(v_mulf(a, b), c); } // never called: V_FMA is 0
TSR_X86_INLINE vi v_packs32(vi a, vi b) { return _mm_packs_epi32(a, b); }
TSR_X86_INLINE vi v_packus16(vi a, vi b) { return _mm_packus_epi16(a, b); }
TSR_X86_INLINE vi v_adds16(vi a, vi b) { return _mm_adds_epi16(a, b); }
TSR_X86_INLINE vi v_minu8(vi a, vi b) { return _mm_min_epu8(a, b); }
TSR_X86_INLINE vi v_maxu8(vi a, vi b) { return _mm_max_epu8(a, b); }

// A 32-bit word in every lane, from where v_spread put it: twice, because only 64 bits can be loaded into both halves.
enum { V_SPREAD_BYTES = 8 };
TSR_X86_INLINE vi v_splat(const uint8_t *p) {
    double two;
    memcpy(&two, p, sizeof two);
    return _mm_castpd_si128(_mm_set1_pd(two));
}

// Four words, V_SPREAD_BYTES each, as v_splat reads them.
TSR_X86_INLINE void v_spread(uint8_t *to, __m128i words) {
    _mm_store_si128((__m128i *)to, _mm_unpacklo_epi32(words, words));
    _mm_store_si128((__m128i *)(to + 16), _mm_unpackhi_epi32(words, words));
}

// The same byte order in every 128 bits.
TSR_X86_INLINE vi v_shuffle(vi a, __m128i order) { return _mm_shuffle_epi8(a, order); }

// V_LANES bytes, zero-extended.
TSR_X86_INLINE vi v_widen(const uint8_t *p) { return _mm_cvtepu8_epi32(_mm_cvtsi32_si128(tsr_load4(p))); }

// Two registers of packed bytes (narrow.h), 8 neighbouring channels -> 8 bytes of each of four pixels.
TSR_X86_INLINE void v_store_pixels(uint8_t *out, size_t stride, vi a, vi b) {
    const __m128i p01 = _mm_unpacklo_epi32(a, b), p23 = _mm_unpackhi_epi32(a, b);
    _mm_storel_epi64((__m128i *)out, p01);
    _mm_storeh_pd((double *)(void *)(out + stride), _mm_castsi128_pd(p01));
    _mm_storel_epi64((__m128i *)(out + 2 * stride), p23);
    _mm_storeh_pd((double *)(void *)(out + 3 * stride), _mm_castsi128_pd(p23));
}

#endif
