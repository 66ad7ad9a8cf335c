// Depthwise 3x3, stride 1, with vpdpbusd on 512-bit registers: a 32-bit lane is one channel's four neighbouring pixels,
// and the six cells of a filter row (tsr_pack.h) place the three weights. All 18 cells of a block stay in registers.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function                      \
)

#include "../x86/requant-avx512vnni.h"

enum { CELLS = 6 };

// All rows of one block.
TSR_X86_INLINE void block_rows(
    const tsr_depthwise3x3_args *args, int32_t b, const uint8_t *block, const tsr_512_output *o, bool plain, bool small
) {
    const __m512i bias = tsr_512_bias(block, small);
    const __m512 m = _mm512_load_ps(block + 64);
    __m512i w[3][CELLS];
    TSR_X86_UNROLL
    for (int i = 0; i < 3; i++) {
        TSR_X86_UNROLL
        for (int k = 0; k < CELLS; k++) {
            w[i][k] = _mm512_load_si512(block + TSR_PACK_HEADER_BYTES + TSR_CELL_BYTES * (CELLS * i + k));
        }
    }
    const size_t group_stride = args->out_group_stride;
    for (int32_t y = 0; y < args->out_rows; y++) {
        const uint8_t *row[3];
        TSR_X86_UNROLL
        for (int i = 0; i < 3; i++)
            row[i] = args->rows[y + i] + (size_t)b * args->block_stride;
        uint8_t *out = args->out + (size_t)y * args->out_row_stride + (size_t)b * TSR_CELL_BYTES;
        for (int32_t g = 0; g < args->out_groups; g++, out += group_stride) {
            __m512i acc[TSR_GROUP] = {bias, bias, bias, bias};
            TSR_X86_UNROLL
            for (int i = 0; i < 3; i++) {
                const uint8_t *at = row[i] + (ptrdiff_t)g * TSR_CELL_BYTES;
                const __m512i before = _mm512_loadu_si512(at - TSR_CELL_BYTES), here = _mm512_loadu_si512(at);
                const __m512i after = _mm512_loadu_si512(at + TSR_CELL_BYTES);
                acc[0] = _mm512_dpbusd_epi32(acc[0], before, w[i][0]);
                acc[0] = _mm512_dpbusd_epi32(acc[0], here, w[i][1]);
                acc[1] = _mm512_dpbusd_epi32(acc[1], here, w[i][2]);
                acc[2] = _mm512_dpbusd_epi32(acc[2], here, w[i][3]);
                acc[3] = _mm512_dpbusd_epi32(acc[3], here, w[i][4]);
                acc[3] = _mm512_dpbusd_epi32(acc[3], after, w[i][5]);
            }
            TSR_X86_UNROLL
            for (int p = 0; p < TSR_GROUP; p++)
                acc[p] = tsr_512_round(acc[p], m, small);
            // The packs' order is the panel's: lane l holds channels 4l..4l+3 of each pixel.
            _mm512_storeu_si512(out, tsr_512_pack(acc[0], acc[1], acc[2], acc[3], o, plain));
        }
    }
}

void tsr_depthwise3x3s1__avx512vnni(const tsr_depthwise3x3_args *args) {
    const size_t block_bytes = tsr_depthwise3x3_block_bytes(TSR_PACKING_DOT4, 1);
    const tsr_512_output o = tsr_512_output_of(args->output);
    const uint8_t *block = args->weights;
    for (int32_t b = 0; b < args->blocks; b++, block += block_bytes) {
        if (o.plain && o.small) {
            block_rows(args, b, block, &o, true, true);
        } else if (o.small) {
            block_rows(args, b, block, &o, false, true);
        } else {
            block_rows(args, b, block, &o, false, false);
        }
    }
}

#pragma clang attribute pop

#endif
