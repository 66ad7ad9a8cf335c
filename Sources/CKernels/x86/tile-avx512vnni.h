// The register tile of the pointwise kernels: up to four groups of pixels x `blocks` x 16 channels of accumulators, one
// vpdpbusd for four input channels of a pixel. Include it inside a region with the AVX512-VNNI target. Private to the
// kernels.
//
// A step loads `blocks` weight cells and broadcasts a word a pixel, so 12 pixels x 2 blocks need 14 loads for 24
// products: the two load ports keep up with the two multiplying ports, and the sums in flight hide the latency of 5
// cycles.
//
// A shape says how many pixels each group has, a hexadecimal digit each, the first group in the last digit: 0x444 is
// three whole groups. Rows of 14 and 7 pixels, where the narrow last group would waste an eighth, have their own:
// 0x2444, and two rows of 7 are 0x3434. Measured on SM_V2's layers: 9 to 13 % faster than whole groups (Intel Sapphire
// Rapids, 2026-11-21).
#ifndef TSR_X86_TILE_AVX512VNNI_H
#define TSR_X86_TILE_AVX512VNNI_H

#include "requant-avx512vnni.h"
#include "tsr_pack.h"

enum { TSR_512_GROUPS = 4, TSR_512_SUMS = TSR_512_GROUPS * TSR_GROUP * 2 };

TSR_X86_INLINE int tsr_512_shape_groups(unsigned shape) { return 1 + (shape > 0xf) + (shape > 0xff) + (shape > 0xfff); }

TSR_X86_INLINE int tsr_512_shape_pixels(unsigned shape, int group) { return (int)(shape >> (4 * group) & 0xf); }

// sums[(4 * g + p) * blocks + b]; `block` is the first of the packed blocks, in[g] + offset[p] the pixels.
TSR_X86_INLINE void tsr_512_accumulate(
    unsigned shape, int blocks, const uint8_t *const in[], const size_t offset[TSR_GROUP], size_t run_stride,
    int32_t runs, const uint8_t *block, size_t block_bytes, bool small, __m512i sums[TSR_512_SUMS]
) {
    const int groups = tsr_512_shape_groups(shape);
    const uint8_t *at[TSR_512_GROUPS];
    TSR_X86_UNROLL
    for (int g = 0; g < groups; g++)
        at[g] = in[g];
    TSR_X86_UNROLL
    for (int b = 0; b < blocks; b++) {
        const __m512i bias = tsr_512_bias(block + (size_t)b * block_bytes, small);
        TSR_X86_UNROLL
        for (int p = 0; p < TSR_GROUP * groups; p++)
            sums[p * blocks + b] = bias;
    }
    const uint8_t *cell = block + TSR_PACK_HEADER_BYTES;
    for (int32_t k = 0; k < runs; k++, cell += TSR_CELL_BYTES) {
        __m512i w[2];
        TSR_X86_UNROLL
        for (int b = 0; b < blocks; b++)
            w[b] = _mm512_load_si512(cell + (size_t)b * block_bytes);
        TSR_X86_UNROLL
        for (int g = 0; g < groups; g++) {
            TSR_X86_UNROLL
            for (int p = 0; p < TSR_GROUP; p++) {
                if (p >= tsr_512_shape_pixels(shape, g)) continue;
                const __m512i a = _mm512_set1_epi32(tsr_load4(at[g] + offset[p]));
                TSR_X86_UNROLL
                for (int b = 0; b < blocks; b++) {
                    __m512i *sum = &sums[(TSR_GROUP * g + p) * blocks + b];
                    *sum = _mm512_dpbusd_epi32(*sum, a, w[b]);
                }
            }
            at[g] += run_stride;
        }
    }
}

// The same, with a panel's constant strides known to the compiler, and a narrow group's missing pixels replaced by its
// last where they may not be read (`clamp`, one group).
TSR_X86_INLINE void tsr_512_accumulate_groups(
    unsigned shape, int blocks, const tsr_strip *s, const tsr_strip_group g[], bool clamp, const uint8_t *block,
    size_t block_bytes, bool small, __m512i sums[TSR_512_SUMS]
) {
    const uint8_t *in[TSR_512_GROUPS];
    TSR_X86_UNROLL
    for (int i = 0; i < tsr_512_shape_groups(shape); i++)
        in[i] = g[i].in;
    if (tsr_is_panel(s->in)) {
        const size_t offset[TSR_GROUP] = {0, 4, 8, 12};
        tsr_512_accumulate(shape, blocks, in, offset, 16, s->in->runs, block, block_bytes, small, sums);
    } else {
        size_t offset[TSR_GROUP];
        TSR_X86_UNROLL
        for (int p = 0; p < TSR_GROUP; p++) {
            const int32_t q = clamp && p >= g[0].valid ? g[0].valid - 1 : p;
            offset[p] = (size_t)q * s->in->pixel_stride;
        }
        tsr_512_accumulate(shape, blocks, in, offset, s->in->run_stride, s->in->runs, block, block_bytes, small, sums);
    }
}

#endif
