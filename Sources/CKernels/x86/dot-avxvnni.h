// Products of four unsigned activation bytes and four signed weights a lane, by the 256-bit vpdpbusd of AVX-VNNI on
// DOT4 cells (tsr_pack.h). Include it after narrow-avx2.h, in a region with the avxvnni target; private to the kernels.
#ifndef TSR_X86_DOT_AVXVNNI_H
#define TSR_X86_DOT_AVXVNNI_H

enum { V_CELL_BYTES = 64 };
static const tsr_packing V_PACKING = TSR_PACKING_DOT4;

enum { V_EVEN = 1, V_ODD = 2, V_ALL = 3 }; // of use to dot-pair16.h only

typedef vi v_bytes;

TSR_X86_INLINE v_bytes v_split(vi bytes) { return bytes; }

// A run of four pixels lies as in a panel.
enum { V_RUN_BYTES = 16, V_READS_PANEL = 1 };

TSR_X86_INLINE void v_prepare(uint8_t *to, __m128i pixels) { _mm_store_si128((__m128i *)to, pixels); }

TSR_X86_INLINE v_bytes v_prepared(const uint8_t *run, int pixel) { return v_set32(tsr_load4(run + 4 * pixel)); }

// `lane` is the cell's first channel to use.
TSR_X86_INLINE vi v_dot(vi sum, v_bytes a, const uint8_t *cell, int lane, int elements) {
    (void)elements;
    return _mm256_dpbusd_avx_epi32(sum, a, v_load(cell + 4 * lane));
}

#endif
