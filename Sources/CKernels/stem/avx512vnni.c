// The stem with vpdpbusd on 512-bit registers: nine 4-byte words of a pixel's 3x3x3 window, broadcast straight from the
// picture. A block's nine cells stay in registers along the row.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function                     \
)

#include "../x86/requant-avx512vnni.h"

enum { RUNS = 9, BLOCKS_MAX = 2 };

// One row of outputs of `blocks` neighbouring blocks.
TSR_X86_INLINE void output_row(
    const tsr_stem3x3_args *args, int blocks, const uint8_t *const rows[3], const uint8_t *block, uint8_t *out,
    const tsr_512_output *o, bool plain
) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_DOT4);
    __m512i bias[BLOCKS_MAX], w[BLOCKS_MAX][RUNS];
    __m512 m[BLOCKS_MAX];
    TSR_X86_UNROLL
    for (int b = 0; b < blocks; b++) {
        const uint8_t *from = block + (size_t)b * block_bytes;
        bias[b] = _mm512_load_si512(from);
        m[b] = _mm512_load_ps(from + 64);
        TSR_X86_UNROLL
        for (int k = 0; k < RUNS; k++) w[b][k] = _mm512_load_si512(from + TSR_PACK_HEADER_BYTES + TSR_CELL_BYTES * k);
    }
    for (int32_t x = 0; x < args->out_width; x += TSR_GROUP, out += TSR_CELL_BYTES) {
        const int32_t valid = args->out_width - x < TSR_GROUP ? args->out_width - x : TSR_GROUP;
        __m512i r[BLOCKS_MAX][TSR_GROUP];
        TSR_X86_UNROLL
        for (int p = 0; p < TSR_GROUP; p++) {
            const size_t at = 6 * (size_t)(x + (p < valid ? p : valid - 1)); // pixels beyond the row are not readable
            TSR_X86_UNROLL
            for (int b = 0; b < blocks; b++) r[b][p] = bias[b];
            TSR_X86_UNROLL
            for (int k = 0; k < RUNS; k++) {
                const __m512i a = _mm512_set1_epi32(tsr_load4(rows[k / 3] + at + 4 * (k % 3)));
                TSR_X86_UNROLL
                for (int b = 0; b < blocks; b++) r[b][p] = _mm512_dpbusd_epi32(r[b][p], a, w[b][k]);
            }
            TSR_X86_UNROLL
            for (int b = 0; b < blocks; b++) r[b][p] = tsr_512_round(r[b][p], m[b]);
        }
        TSR_X86_UNROLL
        for (int b = 0; b < blocks; b++) {
            const __m512i packed = tsr_512_pack(r[b][0], r[b][1], r[b][2], r[b][3], o, plain);
            tsr_512_store_cell(out + (size_t)b * args->out_block_stride, tsr_512_cell(packed), valid, o);
        }
    }
}

void tsr_stem3x3__avx512vnni(const tsr_stem3x3_args *args) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_DOT4);
    const tsr_512_output o = tsr_512_output_of(args->output);
    for (int32_t y = 0; y < args->out_height; y++) {
        const uint8_t *const rows[3] = {args->rows[2 * y], args->rows[2 * y + 1], args->rows[2 * y + 2]};
        int32_t b = 0;
        while (b < args->blocks) {
            const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
            uint8_t *out = args->out_rows[y] + (size_t)b * args->out_block_stride;
            if (o.plain && b + 2 <= args->blocks) {
                output_row(args, 2, rows, block, out, &o, true);
                b += 2;
            } else {
                output_row(args, 1, rows, block, out, &o, false);
                b += 1;
            }
        }
    }
}

#pragma clang attribute pop

#endif
