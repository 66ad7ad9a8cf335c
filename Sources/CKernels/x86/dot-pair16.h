// Products of four unsigned activation bytes and four signed weights a lane, by pmaddwd on PAIR16 cells (tsr_pack.h):
// exact, where vpmaddubsw would saturate. Include it after narrow-*.h; private to the kernels.
#ifndef TSR_X86_DOT_PAIR16_H
#define TSR_X86_DOT_PAIR16_H

enum { V_CELL_BYTES = 128 };
static const tsr_packing V_PACKING = TSR_PACKING_PAIR16;

// Which of a cell's elements 0 and 2 (even), 1 and 3 (odd) can be other than zero.
enum { V_EVEN = 1, V_ODD = 2, V_ALL = 3 };

typedef struct v_bytes {
    vi even, odd; // 16-bit values
} v_bytes;

TSR_X86_INLINE v_bytes v_split(vi bytes) { return (v_bytes){v_and(bytes, v_set32(0x00ff00ff)), v_high_bytes(bytes)}; }

// A run of four pixels, split and spread once for all channels: V_RUN_BYTES.
enum { V_RUN_BYTES = 8 * V_SPREAD_BYTES, V_READS_PANEL = 0 };

TSR_X86_INLINE void v_prepare(uint8_t *to, __m128i pixels) {
    v_spread(to, _mm_and_si128(pixels, _mm_set1_epi32(0x00ff00ff)));
    v_spread(to + 4 * V_SPREAD_BYTES, _mm_srli_epi16(pixels, 8));
}

TSR_X86_INLINE v_bytes v_prepared(const uint8_t *run, int pixel) {
    const uint8_t *even = run + V_SPREAD_BYTES * pixel;
    return (v_bytes){v_splat(even), v_splat(even + 4 * V_SPREAD_BYTES)};
}

// `lane` is the cell's first channel to use.
TSR_X86_INLINE vi v_dot(vi sum, v_bytes a, const uint8_t *cell, int lane, int elements) {
    if (elements & V_EVEN) sum = v_add32(sum, v_madd(a.even, v_load(cell + 4 * lane)));
    if (elements & V_ODD) sum = v_add32(sum, v_madd(a.odd, v_load(cell + 64 + 4 * lane)));
    return sum;
}

#endif
