// The stem with vpdpbusd on 512-bit registers: nine 4-byte words of a pixel's 3x3x3 window, broadcast straight from the
// picture, for eight pixels of two blocks at a time.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function                      \
)

#include "../x86/requant-avx512vnni.h"

enum { PIXEL_STEP = 6, SUMS = 16 };

// `groups` groups of `blocks` blocks: rows[i] + offset[p] is the left top byte of the first group's pixel p.
TSR_X86_INLINE void tile(
    const tsr_stem3x3_args *args, int groups, int blocks, const uint8_t *const rows[3], const size_t offset[TSR_GROUP],
    int32_t valid, const uint8_t *block, uint8_t *out, const tsr_512_output *o, bool small
) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_DOT4);
    __m512i sums[SUMS];
    TSR_X86_UNROLL
    for (int b = 0; b < blocks; b++) {
        const __m512i bias = tsr_512_bias(block + (size_t)b * block_bytes, small);
        TSR_X86_UNROLL
        for (int p = 0; p < TSR_GROUP * groups; p++)
            sums[p * blocks + b] = bias;
    }
    const uint8_t *cell = block + TSR_PACK_HEADER_BYTES;
    TSR_X86_NO_UNROLL
    for (int i = 0; i < 3; i++, cell += 3 * TSR_CELL_BYTES) {
        const uint8_t *row = rows[i];
        TSR_X86_UNROLL
        for (int k = 0; k < 3; k++) {
            TSR_X86_UNROLL
            for (int p = 0; p < TSR_GROUP * groups; p++) {
                const size_t at = offset[p % TSR_GROUP] + (size_t)(p / TSR_GROUP * TSR_GROUP * PIXEL_STEP + 4 * k);
                const __m512i a = _mm512_set1_epi32(tsr_load4(row + at));
                TSR_X86_UNROLL
                for (int b = 0; b < blocks; b++) {
                    const __m512i w = _mm512_load_si512(cell + (size_t)b * block_bytes + TSR_CELL_BYTES * k);
                    sums[p * blocks + b] = _mm512_dpbusd_epi32(sums[p * blocks + b], a, w);
                }
            }
        }
    }
    TSR_X86_UNROLL
    for (int b = 0; b < blocks; b++) {
        const __m512 m = _mm512_load_ps(block + (size_t)b * block_bytes + 64);
        TSR_X86_UNROLL
        for (int g = 0; g < groups; g++) {
            __m512i r[TSR_GROUP];
            TSR_X86_UNROLL
            for (int p = 0; p < TSR_GROUP; p++)
                r[p] = tsr_512_round(sums[(TSR_GROUP * g + p) * blocks + b], m, small);
            const __m512i packed = o->plain ? tsr_512_pack(r[0], r[1], r[2], r[3], o, true)
                                            : tsr_512_pack(r[0], r[1], r[2], r[3], o, false);
            uint8_t *cell = out + (size_t)b * args->out_block_stride + TSR_CELL_BYTES * g;
            tsr_512_store_cell(cell, tsr_512_cell(packed), valid, o);
        }
    }
}

// One row of outputs of `blocks` neighbouring blocks.
TSR_X86_INLINE void output_row(
    const tsr_stem3x3_args *args, int blocks, int32_t y, const uint8_t *block, uint8_t *out, const tsr_512_output *o,
    bool small
) {
    const size_t near[TSR_GROUP] = {0, PIXEL_STEP, 2 * PIXEL_STEP, 3 * PIXEL_STEP};
    const uint8_t *rows[3] = {args->rows[2 * y], args->rows[2 * y + 1], args->rows[2 * y + 2]};
    int32_t left = args->out_width;
    for (; left >= 2 * TSR_GROUP; left -= 2 * TSR_GROUP, out += 2 * TSR_CELL_BYTES) {
        tile(args, 2, blocks, rows, near, TSR_GROUP, block, out, o, small);
        for (int i = 0; i < 3; i++)
            rows[i] += 2 * TSR_GROUP * PIXEL_STEP;
    }
    for (; left >= TSR_GROUP; left -= TSR_GROUP, out += TSR_CELL_BYTES) {
        tile(args, 1, blocks, rows, near, TSR_GROUP, block, out, o, small);
        for (int i = 0; i < 3; i++)
            rows[i] += TSR_GROUP * PIXEL_STEP;
    }
    if (left > 0) { // pixels beyond the row are not readable: the last one stands in
        size_t clamped[TSR_GROUP];
        for (int32_t p = 0; p < TSR_GROUP; p++)
            clamped[p] = PIXEL_STEP * (size_t)(p < left ? p : left - 1);
        tile(args, 1, blocks, rows, clamped, left, block, out, o, small);
    }
}

void tsr_stem3x3__avx512vnni(const tsr_stem3x3_args *args) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_DOT4);
    const tsr_512_output o = tsr_512_output_of(args->output);
    for (int32_t y = 0; y < args->out_height; y++) {
        for (int32_t b = 0; b < args->blocks; b += 2) {
            const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
            uint8_t *out = args->out_rows[y] + (size_t)b * args->out_block_stride;
            if (b + 2 <= args->blocks && o.small) {
                output_row(args, 2, y, block, out, &o, true);
            } else if (b + 2 <= args->blocks) {
                output_row(args, 2, y, block, out, &o, false);
            } else {
                output_row(args, 1, y, block, out, &o, false);
            }
        }
    }
}

#pragma clang attribute pop

#endif
