// 64 bytes as four registers of 16 32-bit values and back. Include it inside a region with the AVX-512 target. Private
// to the kernels.
//
// Unpacking works within lanes of 128 bits, so register v holds in its lane l the bytes 16 l + 4 v ... 16 l + 4 v + 3:
// "spread" order. tsr_512_pack, which packs within lanes, undoes it: no byte ever crosses a lane.
#ifndef TSR_GENERAL_BYTES_AVX512VNNI_H
#define TSR_GENERAL_BYTES_AVX512VNNI_H

#include "../x86/requant-avx512vnni.h"

// Bytes from `channel` on that exist, as a mask of 64.
TSR_X86_INLINE __mmask64 tsr_bytes_mask(int64_t left) { return left >= 64 ? ~0ull : ~0ull >> (64 - left); }

// Unsigned bytes, widened.
TSR_X86_INLINE void tsr_bytes_spread(__m512i bytes, __m512i spread[4]) {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i low = _mm512_unpacklo_epi8(bytes, zero), high = _mm512_unpackhi_epi8(bytes, zero);
    spread[0] = _mm512_unpacklo_epi16(low, zero);
    spread[1] = _mm512_unpackhi_epi16(low, zero);
    spread[2] = _mm512_unpacklo_epi16(high, zero);
    spread[3] = _mm512_unpackhi_epi16(high, zero);
}

// Byte t of 32-bit lane i is byte i of tap t: four taps of 64 channels, for vpdpbusd.
TSR_X86_INLINE void tsr_bytes_interleave(const __m512i tap[4], __m512i spread[4]) {
    const __m512i low01 = _mm512_unpacklo_epi8(tap[0], tap[1]), high01 = _mm512_unpackhi_epi8(tap[0], tap[1]);
    const __m512i low23 = _mm512_unpacklo_epi8(tap[2], tap[3]), high23 = _mm512_unpackhi_epi8(tap[2], tap[3]);
    spread[0] = _mm512_unpacklo_epi16(low01, low23);
    spread[1] = _mm512_unpackhi_epi16(low01, low23);
    spread[2] = _mm512_unpacklo_epi16(high01, high23);
    spread[3] = _mm512_unpackhi_epi16(high01, high23);
}

// 64 values of 32 bits in their order, of which `count` may be read; the others are 0.
TSR_X86_INLINE void tsr_words_spread(const void *values, int32_t count, __m512i spread[4]) {
    uint32_t natural[64] = {0};
    for (int32_t i = 0; i < count && i < 64; i++)
        natural[i] = ((const uint32_t *)values)[i];
    TSR_X86_UNROLL
    for (int v = 0; v < 4; v++) {
        uint32_t own[16];
        for (int i = 0; i < 16; i++)
            own[i] = natural[16 * (i / 4) + 4 * v + i % 4];
        spread[v] = _mm512_loadu_si512(own);
    }
}

// Rounds 64 scaled values and makes bytes of them.
TSR_X86_INLINE __m512i tsr_bytes_of(const __m512 scaled[4], const tsr_512_output *o) {
    return tsr_512_pack(
        _mm512_cvtps_epi32(scaled[0]), _mm512_cvtps_epi32(scaled[1]), _mm512_cvtps_epi32(scaled[2]),
        _mm512_cvtps_epi32(scaled[3]), o, false
    );
}

#endif
