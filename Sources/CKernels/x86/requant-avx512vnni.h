// Requantisation on 512-bit registers (tsr_requant.h states the rule; this gives the same bits). Include it inside a
// region with the AVX-512 target. Private to the kernels.
//
// Four pixels of 16 channels become one register of 64 bytes by two saturating packs. With zero point and low bound
// -128 and high bound 127, as after every ReLU6, the stored byte is the rounded value clamped to 0..255, which the
// packs do for nothing ("plain"). Otherwise the zero point is added between them, saturating in 16 bits (the value is
// then beyond any bound anyway), and the bytes are clamped.
#ifndef TSR_X86_REQUANT_AVX512VNNI_H
#define TSR_X86_REQUANT_AVX512VNNI_H

#include "strip.h"
#include "tsr_requant.h"

#include <immintrin.h>

typedef struct tsr_512_output {
    __m512i zero_point16, zero_point8, low, high; // stored
    bool plain, small;
} tsr_512_output;

TSR_X86_INLINE tsr_512_output tsr_512_output_of(tsr_output o) {
    return (tsr_512_output){
        .zero_point16 = _mm512_set1_epi16((int16_t)(o.zero_point + TSR_STORED_BIAS)),
        .zero_point8 = _mm512_set1_epi8((char)tsr_stored(o.zero_point)),
        .low = _mm512_set1_epi8((char)tsr_stored(o.low)),
        .high = _mm512_set1_epi8((char)tsr_stored(o.high)),
        .plain = o.zero_point == -128 && o.low == -128 && o.high == 127,
        .small = o.small_sums,
    };
}

// Where sums start. `small`: they are kept as floats (tsr_requant.h).
TSR_X86_INLINE __m512i tsr_512_bias(const void *bias, bool small) {
    const __m512i b = _mm512_load_si512(bias);
    return small ? _mm512_add_epi32(b, _mm512_set1_epi32(TSR_FLOAT_SUM_BITS)) : b;
}

TSR_X86_INLINE __m512 tsr_512_scale(__m512i acc, __m512 m, bool small) {
    if (!small) return _mm512_mul_ps(_mm512_cvtepi32_ps(acc), m);
    return _mm512_fmadd_ps(_mm512_castsi512_ps(acc), m, _mm512_mul_ps(m, _mm512_set1_ps(-TSR_FLOAT_SUM)));
}

TSR_X86_INLINE __m512i tsr_512_round(__m512i acc, __m512 m, bool small) {
    return _mm512_cvtps_epi32(tsr_512_scale(acc, m, small));
}

// Four registers of 16 rounded values -> bytes; 128-bit lane l holds values 4l..4l+3 of a, of b, of c, of d.
TSR_X86_INLINE __m512i tsr_512_pack(__m512i a, __m512i b, __m512i c, __m512i d, const tsr_512_output *o, bool plain) {
    __m512i ab = _mm512_packs_epi32(a, b), cd = _mm512_packs_epi32(c, d);
    if (plain) return _mm512_packus_epi16(ab, cd);
    ab = _mm512_adds_epi16(ab, o->zero_point16);
    cd = _mm512_adds_epi16(cd, o->zero_point16);
    return _mm512_min_epu8(_mm512_max_epu8(_mm512_packus_epi16(ab, cd), o->low), o->high);
}

// In each 128-bit lane: byte i of the four 32-bit words side by side. Turns packed pixels into a quads cell.
TSR_X86_INLINE __m512i tsr_512_cell(__m512i packed) {
    const __m128i order = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_shuffle_epi8(packed, _mm512_broadcast_i32x4(order));
}

// Stores the cell; slots from `valid` on hold the zero point.
TSR_X86_INLINE void tsr_512_store_cell(uint8_t *out, __m512i cell, int32_t valid, const tsr_512_output *o) {
    if (valid < TSR_GROUP) {
        const __mmask64 keep = 0x1111111111111111u * ((1u << valid) - 1);
        cell = _mm512_mask_mov_epi8(o->zero_point8, keep, cell);
    }
    _mm512_storeu_si512(out, cell);
}

#endif
