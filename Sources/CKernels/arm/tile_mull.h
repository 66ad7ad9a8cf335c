// The register tile of the ARMv8.0 kernels: 1 or 2 pixels x 16 output channels, fed from DOT4 cells. Private.
//
// A pixel's run of four bytes, repeated over a register, meets a cell's quarter (4 channels x 4 inputs): smull and
// smull2 give 8 products each, smlal adds those of a second run in the same 16-bit lanes, and sadalp adds neighbouring
// lanes into 32 bits. So a channel owns two lanes of an accumulator until the end.
// Exact: two products are at most 2 * 128 * 127 = 32512, because weights lie in [-127, 127]. A third would not fit.
// 16 accumulators for 2 pixels; per two runs two loads of four registers of weights and two of pixels for 32
// multiplies, which is what bounds Cortex-A72 (one a cycle).
#ifndef TSR_ARM_TILE_MULL_H
#define TSR_ARM_TILE_MULL_H

#include "requant.h"
#include "tsr_pack.h"

enum { TSR_MULL_PIXELS = 2, TSR_MULL_PAIRS = 8 };

// [pixel][pair of channels]: channel, channel, next channel, next channel.
typedef struct tsr_mull_tile {
    int32x4_t acc[TSR_MULL_PIXELS][TSR_MULL_PAIRS];
} tsr_mull_tile;

// A block's constants. What the accumulators start from is in the first lane of a channel's two.
typedef struct tsr_mull_block {
    int32_t start[2 * TSR_BLOCK]; // bias, for small results plus TSR_FLOAT_SUM_BITS
    float addend[TSR_BLOCK];      // -TSR_FLOAT_SUM * multiplier
} tsr_mull_block;

TSR_ARM_INLINE tsr_mull_block tsr_mull_block_of(const uint8_t *block, bool is_small) {
    const int32x4_t sum_bits = vdupq_n_s32(is_small ? TSR_FLOAT_SUM_BITS : 0), zero = vdupq_n_s32(0);
    tsr_mull_block b;
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        const int32x4_t bias = vaddq_s32(vld1q_s32((const int32_t *)block + 4 * q), sum_bits);
        const float32x4_t m = vld1q_f32((const float *)(block + 64) + 4 * q);
        vst1q_s32(b.start + 8 * q, vzip1q_s32(bias, zero));
        vst1q_s32(b.start + 8 * q + 4, vzip2q_s32(bias, zero));
        vst1q_f32(b.addend + 4 * q, vmulq_n_f32(m, -TSR_FLOAT_SUM));
    }
    return b;
}

// Four bytes repeated over a register. (The compiler cannot see that both halves are equal: it would trade each smull2
// for a smull and a move of the weights' high half.)
TSR_ARM_INLINE int8x16_t tsr_mull_repeat(const uint8_t *from) {
    int8x16_t a;
    __asm__("ld1r {%0.4s}, [%1]" : "=w"(a) : "r"(from), "m"(*(const uint8_t(*)[4])from));
    return a;
}

// Two runs of two pixels, the hot loop, by hand: it fills all 32 registers, and compilers move accumulators around in
// it. Weights of the two runs are in v0..v3 and v4..v7, pixels in v28..v31, products in v24..v27. Multiplies of both
// pixels alternate, for cores that wait in order.
#define TSR_MULL_QUARTER(w0, w1, p0r0, p0r1, p1r0, p1r1, acc0, acc1, acc2, acc3)                                       \
    "smull v24.8h, " w0 ".8b, " p0r0 ".8b\n"                                                                           \
    "smull2 v25.8h, " w0 ".16b, " p0r0 ".16b\n"                                                                        \
    "smull v26.8h, " w0 ".8b, " p1r0 ".8b\n"                                                                           \
    "smull2 v27.8h, " w0 ".16b, " p1r0 ".16b\n"                                                                        \
    "smlal v24.8h, " w1 ".8b, " p0r1 ".8b\n"                                                                           \
    "smlal2 v25.8h, " w1 ".16b, " p0r1 ".16b\n"                                                                        \
    "smlal v26.8h, " w1 ".8b, " p1r1 ".8b\n"                                                                           \
    "smlal2 v27.8h, " w1 ".16b, " p1r1 ".16b\n"                                                                        \
    "sadalp " acc0 ".4s, v24.8h\n"                                                                                     \
    "sadalp " acc1 ".4s, v25.8h\n"                                                                                     \
    "sadalp " acc2 ".4s, v26.8h\n"                                                                                     \
    "sadalp " acc3 ".4s, v27.8h\n"
#define TSR_MULL_RUNS(load_pixels, p0r0, p0r1, p1r0, p1r1)                                                             \
    "ld1 {v0.16b-v3.16b}, [%[cell]], #64\n" load_pixels "ld1 {v4.16b-v7.16b}, [%[cell]], #64\n" TSR_MULL_QUARTER(      \
        "v0", "v4", p0r0, p0r1, p1r0, p1r1, "%0", "%1", "%8", "%9"                                                     \
    ) TSR_MULL_QUARTER("v1", "v5", p0r0, p0r1, p1r0, p1r1, "%2", "%3", "%10", "%11")                                   \
        TSR_MULL_QUARTER("v2", "v6", p0r0, p0r1, p1r0, p1r1, "%4", "%5", "%12", "%13")                                 \
            TSR_MULL_QUARTER("v3", "v7", p0r0, p0r1, p1r0, p1r1, "%6", "%7", "%14", "%15")
// Two times two runs a turn, and once two where their number is odd.
#define TSR_MULL_LOOP(load_pixels, p0r0, p0r1, p1r0, p1r1)                                                             \
    "tbz %w[twos], #0, 1f\n" TSR_MULL_RUNS(                                                                            \
        load_pixels, p0r0, p0r1, p1r0, p1r1                                                                            \
    ) "1: lsr %w[twos], %w[twos], #1\n"                                                                                \
      "cbz %w[twos], 2f\n"                                                                                             \
      "0:\n" TSR_MULL_RUNS(load_pixels, p0r0, p0r1, p1r0, p1r1) "subs %w[twos], %w[twos], #1\n" TSR_MULL_RUNS(         \
          load_pixels, p0r0, p0r1, p1r0, p1r1                                                                          \
      ) "b.ne 0b\n"                                                                                                    \
        "2:\n"
#define TSR_MULL_ACCUMULATORS(t)                                                                                       \
    "+w"((t).acc[0][0]), "+w"((t).acc[0][1]), "+w"((t).acc[0][2]), "+w"((t).acc[0][3]), "+w"((t).acc[0][4]),           \
        "+w"((t).acc[0][5]), "+w"((t).acc[0][6]), "+w"((t).acc[0][7]), "+w"((t).acc[1][0]), "+w"((t).acc[1][1]),       \
        "+w"((t).acc[1][2]), "+w"((t).acc[1][3]), "+w"((t).acc[1][4]), "+w"((t).acc[1][5]), "+w"((t).acc[1][6]),       \
        "+w"((t).acc[1][7])
#define TSR_MULL_USED                                                                                                  \
    "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v24", "v25", "v26", "v27", "v28", "v29", "v30",   \
        "v31"

// `twos` > 0 pairs of runs; the pointers move on.
TSR_ARM_INLINE void tsr_mull_two_pixels(
    tsr_mull_tile *t, const bool is_panel, uint32_t twos, const uint8_t **from0, const uint8_t **from1,
    const int8_t **cell
) {
    if (is_panel) {
        __asm__ volatile(TSR_MULL_LOOP(
                             "ld2r {v28.4s, v29.4s}, [%[from]], %[stride]\n"
                             "ld2r {v30.4s, v31.4s}, [%[from]], %[stride]\n",
                             "v28", "v30", "v29", "v31"
        )
                         : TSR_MULL_ACCUMULATORS(*t), [cell] "+r"(*cell), [from] "+r"(*from0), [twos] "+r"(twos)
                         : [stride] "r"((size_t)16)
                         : TSR_MULL_USED);
    } else {
        __asm__ volatile(TSR_MULL_LOOP(
                             "ld2r {v28.4s, v29.4s}, [%[from0]], #8\n"
                             "ld2r {v30.4s, v31.4s}, [%[from1]], #8\n",
                             "v28", "v29", "v30", "v31"
        )
                         : TSR_MULL_ACCUMULATORS(*t), [cell] "+r"(*cell), [from0] "+r"(*from0), [from1] "+r"(*from1),
                           [twos] "+r"(twos)
                         :
                         : TSR_MULL_USED);
    }
}

// The same of one pixel.
#define TSR_MULL_QUARTER_OF_ONE(w0, w1, r0, r1, acc0, acc1)                                                            \
    "smull v24.8h, " w0 ".8b, " r0 ".8b\n"                                                                             \
    "smull2 v25.8h, " w0 ".16b, " r0 ".16b\n"                                                                          \
    "smlal v24.8h, " w1 ".8b, " r1 ".8b\n"                                                                             \
    "smlal2 v25.8h, " w1 ".16b, " r1 ".16b\n"                                                                          \
    "sadalp " acc0 ".4s, v24.8h\n"                                                                                     \
    "sadalp " acc1 ".4s, v25.8h\n"
#define TSR_MULL_LOOP_OF_ONE(load_pixel)                                                                               \
    "0: ld1 {v0.16b-v3.16b}, [%[cell]], #64\n" load_pixel "ld1 {v4.16b-v7.16b}, [%[cell]], #64\n"                      \
    "subs %w[twos], %w[twos], #1\n" TSR_MULL_QUARTER_OF_ONE("v0", "v4", "v28", "v29", "%0", "%1")                      \
        TSR_MULL_QUARTER_OF_ONE("v1", "v5", "v28", "v29", "%2", "%3")                                                  \
            TSR_MULL_QUARTER_OF_ONE("v2", "v6", "v28", "v29", "%4", "%5")                                              \
                TSR_MULL_QUARTER_OF_ONE("v3", "v7", "v28", "v29", "%6", "%7") "b.ne 0b\n"
TSR_ARM_INLINE void tsr_mull_one_pixel(
    tsr_mull_tile *t, const bool is_panel, uint32_t twos, const uint8_t **from, const int8_t **cell
) {
#define TSR_MULL_ACCUMULATORS_OF_ONE                                                                                   \
    "+w"(t->acc[0][0]), "+w"(t->acc[0][1]), "+w"(t->acc[0][2]), "+w"(t->acc[0][3]), "+w"(t->acc[0][4]),                \
        "+w"(t->acc[0][5]), "+w"(t->acc[0][6]), "+w"(t->acc[0][7])
    if (is_panel) {
        __asm__ volatile(TSR_MULL_LOOP_OF_ONE("ld1r {v28.4s}, [%[from]], %[stride]\n"
                                              "ld1r {v29.4s}, [%[from]], %[stride]\n")
                         : TSR_MULL_ACCUMULATORS_OF_ONE, [cell] "+r"(*cell), [from] "+r"(*from), [twos] "+r"(twos)
                         : [stride] "r"((size_t)16)
                         : TSR_MULL_USED);
    } else {
        __asm__ volatile(TSR_MULL_LOOP_OF_ONE("ld2r {v28.4s, v29.4s}, [%[from]], #8\n")
                         : TSR_MULL_ACCUMULATORS_OF_ONE, [cell] "+r"(*cell), [from] "+r"(*from), [twos] "+r"(twos)
                         :
                         : TSR_MULL_USED);
    }
#undef TSR_MULL_ACCUMULATORS_OF_ONE
}

#undef TSR_MULL_QUARTER_OF_ONE
#undef TSR_MULL_LOOP_OF_ONE
#undef TSR_MULL_QUARTER
#undef TSR_MULL_RUNS
#undef TSR_MULL_LOOP
#undef TSR_MULL_ACCUMULATORS
#undef TSR_MULL_USED

// The accumulators of `pixels` (1 or 2, a constant) over all runs. in: each pixel's first run; in a panel the second
// pixel's follows the first's. is_even: so is the number of runs, without a test.
TSR_ARM_INLINE tsr_mull_tile tsr_mull_tile_of(
    const int32_t pixels, const bool is_panel, const bool is_even, const uint8_t *const in[TSR_MULL_PIXELS],
    int32_t runs, const uint8_t *block, const tsr_mull_block *b
) {
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    const uint8_t *from0 = in[0], *from1 = in[1];
    tsr_mull_tile t;
    int32x4_t *acc = t.acc[0];
    TSR_ARM_LOAD_FOUR(int32x4_t, acc[0], acc[1], acc[2], acc[3], b->start, 8, 9, 10, 11);
    TSR_ARM_LOAD_FOUR(int32x4_t, acc[4], acc[5], acc[6], acc[7], b->start + TSR_BLOCK, 12, 13, 14, 15);
    if (pixels > 1) {
        acc = t.acc[1];
        TSR_ARM_LOAD_FOUR(int32x4_t, acc[0], acc[1], acc[2], acc[3], b->start, 16, 17, 18, 19);
        TSR_ARM_LOAD_FOUR(int32x4_t, acc[4], acc[5], acc[6], acc[7], b->start + TSR_BLOCK, 20, 21, 22, 23);
        if (is_even || runs >= 2) tsr_mull_two_pixels(&t, is_panel, (uint32_t)runs / 2, &from0, &from1, &cell);
    } else {
        if (is_even || runs >= 2) tsr_mull_one_pixel(&t, is_panel, (uint32_t)runs / 2, &from0, &cell);
    }
    if (!is_even && (runs & 1) != 0) {
        TSR_ARM_UNROLL
        for (int32_t p = 0; p < pixels; p++) {
            const int8x16_t a = tsr_mull_repeat(p == 0 ? from0 : is_panel ? from0 + 4 : from1);
            TSR_ARM_UNROLL
            for (int32_t q = 0; q < 4; q++) {
                const int8x16_t w = vld1q_s8(cell + 16 * q);
                t.acc[p][2 * q] = vpadalq_s16(t.acc[p][2 * q], vmull_s8(vget_low_s8(w), vget_low_s8(a)));
                t.acc[p][2 * q + 1] = vpadalq_s16(t.acc[p][2 * q + 1], vmull_high_s8(w, a));
            }
        }
    }
    return t;
}

// Channels 4q..4q+3 of a pixel.
TSR_ARM_INLINE int32x4_t tsr_mull_quarter(const tsr_mull_tile *t, int32_t p, int32_t q) {
    return vpaddq_s32(t->acc[p][2 * q], t->acc[p][2 * q + 1]);
}

// How sums become bytes.
typedef struct tsr_mull_rule {
    tsr_arm_output general;
    tsr_arm_small_output small;
} tsr_mull_rule;

TSR_ARM_INLINE tsr_mull_rule tsr_mull_rule_of(tsr_output o) {
    return (tsr_mull_rule){tsr_arm_output_of(o), tsr_arm_small_output_of(o)};
}

#endif
