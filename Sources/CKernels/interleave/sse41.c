// Pixels into quads on 128-bit registers: the bytes of four pixels interleaved, then their pairs. It moves bytes only,
// so wider registers would gain nothing.
#if defined(__x86_64__)

#include "tsr_kernels.h"

#pragma clang attribute push(__attribute__((target("sse4.1"))), apply_to = function)

#include "../x86/narrow-sse41.h"

// The block's 16 bytes of a pixel, of which `n` exist.
TSR_X86_INLINE vi load_some(const uint8_t *p, int32_t n, uint8_t fill) {
    if (n >= TSR_BLOCK) return v_load(p);
    uint8_t padded[TSR_BLOCK];
    memset(padded, fill, sizeof padded);
    if (n > 0) memcpy(padded, p, (size_t)n);
    return v_load(padded);
}

void tsr_interleave__sse41(const tsr_interleave_args *args) {
    const tsr_pixels *in = &args->in;
    const uint8_t fill = tsr_stored(args->zero_point);
    for (int32_t r = 0; r < in->rows; r++) {
        for (int32_t b = 0; b < args->blocks; b++) {
            const int32_t n = args->channels - TSR_BLOCK * b;
            const uint8_t *from = in->data + (size_t)r * in->row_stride + (size_t)b * TSR_BLOCK;
            uint8_t *out = args->out_rows[r] + (size_t)b * args->out_block_stride;
            for (int32_t x = 0; x < in->width; x += TSR_GROUP, from += in->group_stride, out += TSR_CELL_BYTES) {
                vi v[TSR_GROUP];
                for (int32_t p = 0; p < TSR_GROUP; p++) {
                    v[p] = x + p < in->width ? load_some(from + (size_t)p * in->pixel_stride, n, fill) : v_set8(fill);
                }
                const vi low01 = _mm_unpacklo_epi8(v[0], v[1]), high01 = _mm_unpackhi_epi8(v[0], v[1]);
                const vi low23 = _mm_unpacklo_epi8(v[2], v[3]), high23 = _mm_unpackhi_epi8(v[2], v[3]);
                v_store(out, _mm_unpacklo_epi16(low01, low23));
                v_store(out + 16, _mm_unpackhi_epi16(low01, low23));
                v_store(out + 32, _mm_unpacklo_epi16(high01, high23));
                v_store(out + 48, _mm_unpackhi_epi16(high01, high23));
            }
        }
    }
}

#pragma clang attribute pop

#endif
