// The register tile of the i8mm kernels: 4 pixels x 16 output channels in 16 accumulators, fed from MMLA8 cells.
// Include it inside a region with the i8mm target. Private to the kernels.
//
// smmla adds 2 channels x 8 inputs times 8 inputs x 2 pixels, so an accumulator is (c0p0, c0p1, c1p0, c1p1) of a pair
// of channels and a pair of pixels, and constants of a channel fill two lanes. Per eight inputs: 16 smmla, 2 loads of
// four registers of weights, and a permutation a pair of pixels to bring their bytes together. A group of one or two
// pixels costs one pair of them.
#ifndef TSR_ARM_TILE_MMLA_H
#define TSR_ARM_TILE_MMLA_H

#include "requant.h"
#include "tsr_pack.h"

enum { TSR_MMLA_PAIRS = TSR_BLOCK / 2, TSR_MMLA_HALVES = TSR_GROUP / 2, TSR_MMLA_CELL_BYTES = 2 * TSR_CELL_BYTES };

typedef struct tsr_mmla_tile {
    int32x4_t acc[TSR_MMLA_HALVES][TSR_MMLA_PAIRS]; // [pair of pixels][pair of channels]
} tsr_mmla_tile;

// A block's constants in the lanes of the accumulators, in the order in which a tile loads them.
typedef struct tsr_mmla_part { // of four pairs of channels
    float multiplier[TSR_BLOCK];
    float addend[TSR_MMLA_HALVES][TSR_BLOCK]; // -TSR_FLOAT_SUM * multiplier, for each pair of pixels
} tsr_mmla_part;
typedef struct tsr_mmla_block {
    int32_t start[TSR_MMLA_HALVES][2 * TSR_BLOCK]; // bias, for small results plus TSR_FLOAT_SUM_BITS
    tsr_mmla_part part[2];
} tsr_mmla_block;

TSR_ARM_INLINE tsr_mmla_block tsr_mmla_block_of(const uint8_t *block, bool is_small) {
    const int32x4_t sum_bits = vdupq_n_s32(is_small ? TSR_FLOAT_SUM_BITS : 0);
    tsr_mmla_block b;
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        tsr_mmla_part *part = b.part + q / 2;
        const int32_t at = 8 * (q % 2);
        const int32x4_t bias = vaddq_s32(vld1q_s32((const int32_t *)block + 4 * q), sum_bits);
        const float32x4_t m = vld1q_f32((const float *)(block + 64) + 4 * q);
        const float32x4_t addend = vmulq_n_f32(m, -TSR_FLOAT_SUM);
        vst1q_f32(part->multiplier + at, vzip1q_f32(m, m));
        vst1q_f32(part->multiplier + at + 4, vzip2q_f32(m, m));
        TSR_ARM_UNROLL
        for (int32_t h = 0; h < TSR_MMLA_HALVES; h++) {
            vst1q_s32(b.start[h] + 8 * q, vzip1q_s32(bias, bias));
            vst1q_s32(b.start[h] + 8 * q + 4, vzip2q_s32(bias, bias));
            vst1q_f32(part->addend[h] + at, vzip1q_f32(addend, addend));
            vst1q_f32(part->addend[h] + at + 4, vzip2q_f32(addend, addend));
        }
    }
    return b;
}

// Eight inputs; x[h] is a pair of pixels.
TSR_ARM_INLINE void tsr_mmla_step(
    tsr_mmla_tile *t, const int32_t halves, const int8_t *cell, const int8x16_t x[TSR_MMLA_HALVES]
) {
    TSR_ARM_UNROLL
    for (int32_t part = 0; part < 2; part++) {
        const int8x16x4_t w = vld1q_s8_x4(cell + TSR_CELL_BYTES * part);
        TSR_ARM_UNROLL
        for (int32_t k = 0; k < 4; k++) {
            TSR_ARM_UNROLL
            for (int32_t h = 0; h < halves; h++)
                t->acc[h][4 * part + k] = vmmlaq_s32(t->acc[h][4 * part + k], w.val[k], x[h]);
        }
    }
}

// The accumulators' start, and where in the block its parts begin.
TSR_ARM_INLINE tsr_mmla_tile tsr_mmla_start(const int32_t halves, const tsr_mmla_block *b, const uint8_t **ret_parts) {
    const uint8_t *from = (const uint8_t *)b;
    tsr_mmla_tile t;
    int32x4_t *acc = t.acc[0];
    TSR_ARM_LOAD_NEXT(int32x4_t, acc[0], acc[1], acc[2], acc[3], from, 8, 9, 10, 11);
    TSR_ARM_LOAD_NEXT(int32x4_t, acc[4], acc[5], acc[6], acc[7], from, 12, 13, 14, 15);
    if (halves > 1) {
        acc = t.acc[1];
        TSR_ARM_LOAD_NEXT(int32x4_t, acc[0], acc[1], acc[2], acc[3], from, 16, 17, 18, 19);
        TSR_ARM_LOAD_NEXT(int32x4_t, acc[4], acc[5], acc[6], acc[7], from, 20, 21, 22, 23);
    } else {
        from += sizeof b->start[1];
    }
    *ret_parts = from;
    return t;
}

// Two runs of a panel's group, a pair of pixels each.
TSR_ARM_INLINE void tsr_mmla_from_runs(int8x16_t first, int8x16_t second, int8x16_t ret_x[TSR_MMLA_HALVES]) {
    const int32x4_t a = vreinterpretq_s32_s8(first), b = vreinterpretq_s32_s8(second);
    ret_x[0] = vreinterpretq_s8_s32(vzip1q_s32(a, b));
    ret_x[1] = vreinterpretq_s8_s32(vzip2q_s32(a, b));
}

// Sixteen inputs of two pairs of pixels, the hot loop, by hand: compilers move accumulators around in it. Inputs come
// to v28..v31 and, as pairs of pixels, to v4..v7; weights to v0..v3 and v24..v27.
#define TSR_MMLA_EIGHT(x0, x1)                                                                                         \
    "ld1 {v24.16b-v27.16b}, [%[cell]], #64\n"                                                                          \
    "smmla %0.4s, v0.16b, " x0 ".16b\n"                                                                                \
    "smmla %8.4s, v0.16b, " x1 ".16b\n"                                                                                \
    "smmla %1.4s, v1.16b, " x0 ".16b\n"                                                                                \
    "smmla %9.4s, v1.16b, " x1 ".16b\n"                                                                                \
    "smmla %2.4s, v2.16b, " x0 ".16b\n"                                                                                \
    "smmla %10.4s, v2.16b, " x1 ".16b\n"                                                                               \
    "smmla %3.4s, v3.16b, " x0 ".16b\n"                                                                                \
    "smmla %11.4s, v3.16b, " x1 ".16b\n"                                                                               \
    "smmla %4.4s, v24.16b, " x0 ".16b\n"                                                                               \
    "smmla %12.4s, v24.16b, " x1 ".16b\n"                                                                              \
    "smmla %5.4s, v25.16b, " x0 ".16b\n"                                                                               \
    "smmla %13.4s, v25.16b, " x1 ".16b\n"                                                                              \
    "smmla %6.4s, v26.16b, " x0 ".16b\n"                                                                               \
    "smmla %14.4s, v26.16b, " x1 ".16b\n"                                                                              \
    "smmla %7.4s, v27.16b, " x0 ".16b\n"                                                                               \
    "smmla %15.4s, v27.16b, " x1 ".16b\n"
#define TSR_MMLA_LOOP(load, lanes)                                                                                     \
    "0: " load "ld1 {v0.16b-v3.16b}, [%[cell]], #64\n"                                                                 \
    "subs %w[sixteens], %w[sixteens], #1\n"                                                                            \
    "zip1 v4." lanes ", v28." lanes ", v29." lanes "\n" TSR_MMLA_PAIR_UP(lanes)                                        \
        TSR_MMLA_EIGHT("v4", "v5") "ld1 {v0.16b-v3.16b}, [%[cell]], #64\n" TSR_MMLA_EIGHT("v6", "v7") "b.ne 0b\n"
#define TSR_MMLA_ACCUMULATORS(t)                                                                                       \
    "+w"((t).acc[0][0]), "+w"((t).acc[0][1]), "+w"((t).acc[0][2]), "+w"((t).acc[0][3]), "+w"((t).acc[0][4]),           \
        "+w"((t).acc[0][5]), "+w"((t).acc[0][6]), "+w"((t).acc[0][7]), "+w"((t).acc[1][0]), "+w"((t).acc[1][1]),       \
        "+w"((t).acc[1][2]), "+w"((t).acc[1][3]), "+w"((t).acc[1][4]), "+w"((t).acc[1][5]), "+w"((t).acc[1][6]),       \
        "+w"((t).acc[1][7])
#define TSR_MMLA_USED                                                                                                  \
    "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v24", "v25", "v26", "v27", "v28", "v29", "v30",   \
        "v31"

// `sixteens` > 0 times four runs of a panel's group; the pointers move on. Pairs are (first, second pixel) of run 0 and
// 1, (third, fourth), and the same of runs 2 and 3.
TSR_ARM_INLINE void tsr_mmla_panel_sixteens(
    tsr_mmla_tile *t, uint32_t sixteens, const int8_t **in, const int8_t **cell
) {
#define TSR_MMLA_PAIR_UP(lanes)                                                                                        \
    "zip2 v5." lanes ", v28." lanes ", v29." lanes "\n"                                                                \
    "zip1 v6." lanes ", v30." lanes ", v31." lanes "\n"                                                                \
    "zip2 v7." lanes ", v30." lanes ", v31." lanes "\n"
    __asm__ volatile(TSR_MMLA_LOOP("ld1 {v28.16b-v31.16b}, [%[in]], #64\n", "4s")
                     : TSR_MMLA_ACCUMULATORS(*t), [cell] "+r"(*cell), [in] "+r"(*in), [sixteens] "+r"(sixteens)
                     :
                     : TSR_MMLA_USED);
#undef TSR_MMLA_PAIR_UP
}

// The same of four pixels' sixteen channels.
TSR_ARM_INLINE void tsr_mmla_pixels_sixteens(
    tsr_mmla_tile *t, uint32_t sixteens, const uint8_t *in[TSR_GROUP], const int8_t **cell
) {
#define TSR_MMLA_PAIR_UP(lanes)                                                                                        \
    "zip1 v5." lanes ", v30." lanes ", v31." lanes "\n"                                                                \
    "zip2 v6." lanes ", v28." lanes ", v29." lanes "\n"                                                                \
    "zip2 v7." lanes ", v30." lanes ", v31." lanes "\n"
    __asm__ volatile(TSR_MMLA_LOOP(
                         "ldr q28, [%[in0]], #16\n"
                         "ldr q29, [%[in1]], #16\n"
                         "ldr q30, [%[in2]], #16\n"
                         "ldr q31, [%[in3]], #16\n",
                         "2d"
    )
                     : TSR_MMLA_ACCUMULATORS(*t), [cell] "+r"(*cell), [in0] "+r"(in[0]), [in1] "+r"(in[1]),
                       [in2] "+r"(in[2]), [in3] "+r"(in[3]), [sixteens] "+r"(sixteens)
                     :
                     : TSR_MMLA_USED);
#undef TSR_MMLA_PAIR_UP
}

// The same of arranged inputs (arrange_mmla.h): for every eight, two pairs of pixels.
#define TSR_MMLA_ARRANGED                                                                                              \
    "ld1 {v28.16b-v31.16b}, [%[in]], #64\n"                                                                            \
    "ld1 {v0.16b-v3.16b}, [%[cell]], #64\n" TSR_MMLA_EIGHT(                                                            \
        "v28", "v29"                                                                                                   \
    ) "ld1 {v0.16b-v3.16b}, [%[cell]], #64\n" TSR_MMLA_EIGHT("v30", "v31")
TSR_ARM_INLINE void tsr_mmla_arranged_sixteen(tsr_mmla_tile *t, const int8_t **in, const int8_t **cell) {
    __asm__ volatile(TSR_MMLA_ARRANGED
                     : TSR_MMLA_ACCUMULATORS(*t), [cell] "+r"(*cell), [in] "+r"(*in)
                     :
                     : TSR_MMLA_USED);
}
TSR_ARM_INLINE void tsr_mmla_arranged_thirty_twos(
    tsr_mmla_tile *t, uint32_t count, const int8_t **in, const int8_t **cell
) {
    __asm__ volatile("0:\n" TSR_MMLA_ARRANGED "subs %w[count], %w[count], #1\n" TSR_MMLA_ARRANGED "b.ne 0b\n"
                     : TSR_MMLA_ACCUMULATORS(*t), [cell] "+r"(*cell), [in] "+r"(*in), [count] "+r"(count)
                     :
                     : TSR_MMLA_USED);
}
#undef TSR_MMLA_ARRANGED

#undef TSR_MMLA_EIGHT
#undef TSR_MMLA_LOOP
#undef TSR_MMLA_ACCUMULATORS
#undef TSR_MMLA_USED

// A whole tile from panel: `group` is [runs][4 pixels][4 channels]. is_whole: `runs` is a multiple of 4.
TSR_ARM_INLINE tsr_mmla_tile tsr_mmla_tile_panel(
    const int32_t halves, const bool is_whole, const uint8_t *group, int32_t runs, const uint8_t *block,
    const tsr_mmla_block *b, const uint8_t **ret_parts
) {
    tsr_mmla_tile t = tsr_mmla_start(halves, b, ret_parts);
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES, *in = (const int8_t *)group;
    int8x16_t x[TSR_MMLA_HALVES];
    if (halves == TSR_MMLA_HALVES && (is_whole || runs >= 4)) {
        tsr_mmla_panel_sixteens(&t, (uint32_t)runs / 4, &in, &cell);
        if (is_whole) return t;
        runs %= 4;
    }
    for (; halves < TSR_MMLA_HALVES && runs >= 4; runs -= 4, cell += 2 * TSR_MMLA_CELL_BYTES, in += 64) {
        const int8x16x4_t a = vld1q_s8_x4(in);
        tsr_mmla_from_runs(a.val[0], a.val[1], x);
        tsr_mmla_step(&t, halves, cell, x);
        tsr_mmla_from_runs(a.val[2], a.val[3], x);
        tsr_mmla_step(&t, halves, cell + TSR_MMLA_CELL_BYTES, x);
    }
    for (; runs > 0; runs -= 2, cell += TSR_MMLA_CELL_BYTES, in += 32) {
        tsr_mmla_from_runs(vld1q_s8(in), runs > 1 ? vld1q_s8(in + 16) : vdupq_n_s8(0), x);
        tsr_mmla_step(&t, halves, cell, x);
    }
    return t;
}

// A whole tile from pixels: `group` is the first, and the last of `pixels` stands for those missing of a pair.
TSR_ARM_INLINE tsr_mmla_tile tsr_mmla_tile_pixels(
    const int32_t pixels, const bool is_whole, const uint8_t *group, size_t pixel_stride, int32_t runs,
    const uint8_t *block, const tsr_mmla_block *b, const uint8_t **ret_parts
) {
    const int32_t halves = (pixels + 1) / 2;
    tsr_mmla_tile t = tsr_mmla_start(halves, b, ret_parts);
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    const uint8_t *in[TSR_GROUP];
    TSR_ARM_UNROLL
    for (int32_t p = 0; p < TSR_GROUP; p++)
        in[p] = group + (size_t)(p < pixels ? p : pixels - 1) * pixel_stride;
    int8x16_t x[TSR_MMLA_HALVES], next[TSR_MMLA_HALVES];
    if (halves == TSR_MMLA_HALVES && (is_whole || runs >= 4)) {
        tsr_mmla_pixels_sixteens(&t, (uint32_t)runs / 4, in, &cell);
        if (is_whole) return t;
        runs %= 4;
    }
    for (; halves < TSR_MMLA_HALVES && runs >= 4; runs -= 4, cell += 2 * TSR_MMLA_CELL_BYTES) {
        TSR_ARM_UNROLL
        for (int32_t h = 0; h < halves; h++) {
            const int64x2_t a = vreinterpretq_s64_u8(vld1q_u8(in[2 * h]));
            const int64x2_t c = vreinterpretq_s64_u8(vld1q_u8(in[2 * h + 1]));
            x[h] = vreinterpretq_s8_s64(vzip1q_s64(a, c));
            next[h] = vreinterpretq_s8_s64(vzip2q_s64(a, c));
            in[2 * h] += 16;
            in[2 * h + 1] += 16;
        }
        tsr_mmla_step(&t, halves, cell, x);
        tsr_mmla_step(&t, halves, cell + TSR_MMLA_CELL_BYTES, next);
    }
    for (; runs > 0; runs -= 2, cell += TSR_MMLA_CELL_BYTES) {
        TSR_ARM_UNROLL
        for (int32_t h = 0; h < halves; h++) {
            uint32x4_t v = vdupq_n_u32(0);
            v = vsetq_lane_u32(tsr_arm_load4(in[2 * h]), v, 0);
            v = vsetq_lane_u32(tsr_arm_load4(in[2 * h + 1]), v, 2);
            if (runs > 1) {
                v = vsetq_lane_u32(tsr_arm_load4(in[2 * h] + 4), v, 1);
                v = vsetq_lane_u32(tsr_arm_load4(in[2 * h + 1] + 4), v, 3);
            }
            x[h] = vreinterpretq_s8_u32(v);
            in[2 * h] += 8;
            in[2 * h + 1] += 8;
        }
        tsr_mmla_step(&t, halves, cell, x);
    }
    return t;
}

// How many cells of eight inputs there are, as far as code differs: a constant wherever it is a parameter.
typedef enum tsr_mmla_cells {
    TSR_MMLA_ANY_CELLS,
    TSR_MMLA_TWO_CELLS,
    TSR_MMLA_FOUR_CELLS,
    TSR_MMLA_FOURS_OF_CELLS,
} tsr_mmla_cells;

static inline tsr_mmla_cells tsr_mmla_cells_of(int32_t cells) {
    if (cells == 2) return TSR_MMLA_TWO_CELLS;
    if (cells == 4) return TSR_MMLA_FOUR_CELLS;
    return cells % 4 == 0 ? TSR_MMLA_FOURS_OF_CELLS : TSR_MMLA_ANY_CELLS;
}

// A whole tile of `halves` (1 or 2) pairs of pixels, arranged; `in` moves on by `stride` (32, or 16 where one pair lies
// for itself) a cell.
TSR_ARM_INLINE tsr_mmla_tile tsr_mmla_tile_arranged(
    const int32_t halves, const size_t stride, const tsr_mmla_cells kind, const int8_t **in, int32_t cells,
    const uint8_t *block, const tsr_mmla_block *b, const uint8_t **ret_parts
) {
    tsr_mmla_tile t = tsr_mmla_start(halves, b, ret_parts);
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    if (halves == TSR_MMLA_HALVES) {
        if (kind == TSR_MMLA_TWO_CELLS || kind == TSR_MMLA_FOUR_CELLS) {
            tsr_mmla_arranged_sixteen(&t, in, &cell);
            if (kind == TSR_MMLA_FOUR_CELLS) tsr_mmla_arranged_sixteen(&t, in, &cell);
            return t;
        }
        if (kind == TSR_MMLA_FOURS_OF_CELLS || cells >= 4) {
            tsr_mmla_arranged_thirty_twos(&t, (uint32_t)cells / 4, in, &cell);
        }
        if (kind == TSR_MMLA_FOURS_OF_CELLS) return t;
        if (cells & 2) tsr_mmla_arranged_sixteen(&t, in, &cell);
        cells &= 1;
    }
    for (; cells > 0; cells--, cell += TSR_MMLA_CELL_BYTES, *in += stride) {
        int8x16_t x[TSR_MMLA_HALVES];
        TSR_ARM_UNROLL
        for (int32_t h = 0; h < halves; h++)
            x[h] = vld1q_s8(*in + 16 * h);
        tsr_mmla_step(&t, halves, cell, x);
    }
    return t;
}

TSR_ARM_INLINE tsr_mmla_tile tsr_mmla_tile_at(
    const int32_t pixels, const bool is_panel, const bool is_whole, const tsr_pixels *in, const uint8_t *group,
    const uint8_t *block, const tsr_mmla_block *b, const uint8_t **ret_parts
) {
    return is_panel ? tsr_mmla_tile_panel((pixels + 1) / 2, is_whole, group, in->runs, block, b, ret_parts)
                    : tsr_mmla_tile_pixels(pixels, is_whole, group, in->pixel_stride, in->runs, block, b, ret_parts);
}

#endif
