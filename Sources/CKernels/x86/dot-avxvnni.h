// Products of four unsigned activation bytes and four signed weights a lane, by the 256-bit vpdpbusd of AVX-VNNI on
// DOT4 cells (tsr_pack.h). Include it after narrow-avx2.h, in a region with the avxvnni target; private to the kernels.
#ifndef TSR_X86_DOT_AVXVNNI_H
#define TSR_X86_DOT_AVXVNNI_H

enum { V_CELL_BYTES = 64 };
static const tsr_packing V_PACKING = TSR_PACKING_DOT4;

enum { V_EVEN = 1, V_ODD = 2, V_ALL = 3 }; // of use to dot-pair16.h only

typedef vi v_bytes;

TSR_X86_INLINE v_bytes v_split(vi bytes) { return bytes; }

// `lane` is the cell's first channel to use.
TSR_X86_INLINE vi v_dot(vi sum, v_bytes a, const uint8_t *cell, int lane, int elements) {
    (void)elements;
    return _mm256_dpbusd_avx_epi32(sum, a, v_load(cell + 4 * lane));
}

#endif
