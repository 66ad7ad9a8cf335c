// The register tile of the dotprod kernels: 4 pixels x 16 output channels in 16 accumulators, fed from DOT4 cells; a
// group of fewer pixels at the end of a row costs fewer products. `pixels` (1..4) is a constant wherever it is a
// parameter. Include it inside a region with the dotprod target. Private to the kernels.
//
// Loads of four registers at once: the 64 sdot of four runs cost four of them for the weights, and
//   panel   one more: lane = pixel
//   pixels  one load a pixel: lane = run
#ifndef TSR_ARM_TILE_DOT_H
#define TSR_ARM_TILE_DOT_H

#include "requant.h"
#include "tsr_pack.h"

typedef struct tsr_dot_tile {
    int32x4_t acc[TSR_GROUP][4]; // [pixel][four channels]
} tsr_dot_tile;

// All pixels start with the same 16 numbers: the bias, or the bias as the start of small sums.
TSR_ARM_INLINE tsr_dot_tile tsr_dot_tile_start(const int32_t *start) {
    tsr_dot_tile t;
    TSR_ARM_LOAD_FOUR(int32x4_t, t.acc[0][0], t.acc[0][1], t.acc[0][2], t.acc[0][3], start, 16, 17, 18, 19);
    TSR_ARM_LOAD_FOUR(int32x4_t, t.acc[1][0], t.acc[1][1], t.acc[1][2], t.acc[1][3], start, 20, 21, 22, 23);
    TSR_ARM_LOAD_FOUR(int32x4_t, t.acc[2][0], t.acc[2][1], t.acc[2][2], t.acc[2][3], start, 24, 25, 26, 27);
    TSR_ARM_LOAD_FOUR(int32x4_t, t.acc[3][0], t.acc[3][1], t.acc[3][2], t.acc[3][3], start, 28, 29, 30, 31);
    return t;
}

// The 16 channels' weights of the next run.
TSR_ARM_INLINE int8x16x4_t tsr_dot_weights(const int8_t **cell) {
    const int8x16x4_t w = vld1q_s8_x4(*cell);
    *cell += TSR_CELL_BYTES;
    TSR_ARM_STEP(*cell);
    return w;
}

// One run of four channels; lane p of `a` is pixel p.
TSR_ARM_INLINE void tsr_dot_run(tsr_dot_tile *t, const int32_t pixels, const int8_t **cell, int8x16_t a) {
    const int8x16x4_t w = tsr_dot_weights(cell);
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        t->acc[0][q] = vdotq_laneq_s32(t->acc[0][q], w.val[q], a, 0);
        if (pixels > 1) t->acc[1][q] = vdotq_laneq_s32(t->acc[1][q], w.val[q], a, 1);
        if (pixels > 2) t->acc[2][q] = vdotq_laneq_s32(t->acc[2][q], w.val[q], a, 2);
        if (pixels > 3) t->acc[3][q] = vdotq_laneq_s32(t->acc[3][q], w.val[q], a, 3);
    }
}

// Run `run` (a constant) of four; a[p] is pixel p, lane `run` of it the run.
#define TSR_DOT_RUN_OF_FOUR(run)                                                                                       \
    {                                                                                                                  \
        const int8x16x4_t w = tsr_dot_weights(&cell);                                                                  \
        TSR_ARM_UNROLL                                                                                                 \
        for (int32_t q = 0; q < 4; q++) {                                                                              \
            TSR_ARM_UNROLL                                                                                             \
            for (int32_t p = 0; p < pixels; p++)                                                                       \
                t.acc[p][q] = vdotq_laneq_s32(t.acc[p][q], w.val[q], a[p], run);                                       \
        }                                                                                                              \
    }

// A whole tile from panel: `group` is [runs][4 pixels][4 channels]. is_whole: `runs` is a multiple of 4.
TSR_ARM_INLINE tsr_dot_tile tsr_dot_tile_panel(
    const int32_t pixels, const bool is_whole, const uint8_t *group, int32_t runs, const uint8_t *block,
    const int32_t *start
) {
    tsr_dot_tile t = tsr_dot_tile_start(start);
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    const int8_t *in = (const int8_t *)group;
    uint32_t fours = (uint32_t)runs / 4;
    if (is_whole || fours != 0) {
        do {
            const int8x16x4_t a = vld1q_s8_x4(in);
            in += 64;
            TSR_ARM_UNROLL
            for (int32_t run = 0; run < 4; run++)
                tsr_dot_run(&t, pixels, &cell, a.val[run]);
        } while (--fours != 0);
    }
    if (is_whole) return t;
    if (runs & 2) {
        const int8x16x2_t a = vld1q_s8_x2(in);
        in += 32;
        tsr_dot_run(&t, pixels, &cell, a.val[0]);
        tsr_dot_run(&t, pixels, &cell, a.val[1]);
    }
    if (runs & 1) tsr_dot_run(&t, pixels, &cell, vld1q_s8(in));
    return t;
}

// A whole tile from pixels.
TSR_ARM_INLINE tsr_dot_tile tsr_dot_tile_pixels(
    const int32_t pixels, const bool is_whole, const uint8_t *group, size_t pixel_stride, int32_t runs,
    const uint8_t *block, const int32_t *start
) {
    tsr_dot_tile t = tsr_dot_tile_start(start);
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    const uint8_t *from[TSR_GROUP] = {group, group + pixel_stride, group + 2 * pixel_stride, group + 3 * pixel_stride};
    int8x16_t a[TSR_GROUP];
    uint32_t fours = (uint32_t)runs / 4;
    if (is_whole || fours != 0) {
        do {
            TSR_ARM_UNROLL
            for (int32_t p = 0; p < pixels; p++) {
                a[p] = vreinterpretq_s8_u8(vld1q_u8(from[p]));
                from[p] += 16;
                TSR_ARM_STEP(from[p]);
            }
            TSR_DOT_RUN_OF_FOUR(0)
            TSR_DOT_RUN_OF_FOUR(1)
            TSR_DOT_RUN_OF_FOUR(2)
            TSR_DOT_RUN_OF_FOUR(3)
        } while (--fours != 0);
    }
    if (is_whole) return t;
    if (runs & 2) {
        TSR_ARM_UNROLL
        for (int32_t p = 0; p < pixels; p++) {
            a[p] = vreinterpretq_s8_u8(vcombine_u8(vld1_u8(from[p]), vcreate_u8(0)));
            from[p] += 8;
        }
        TSR_DOT_RUN_OF_FOUR(0)
        TSR_DOT_RUN_OF_FOUR(1)
    }
    if (runs & 1) {
        TSR_ARM_UNROLL
        for (int32_t p = 0; p < pixels; p++)
            a[p] = vreinterpretq_s8_u32(vsetq_lane_u32(tsr_arm_load4(from[p]), vdupq_n_u32(0), 0));
        TSR_DOT_RUN_OF_FOUR(0)
    }
    return t;
}

#undef TSR_DOT_RUN_OF_FOUR

// The tile of a group whose first `pixels` pixels count, from panel or pixels.
TSR_ARM_INLINE tsr_dot_tile tsr_dot_tile_at(
    const int32_t pixels, const bool is_panel, const bool is_whole, const tsr_pixels *in, const uint8_t *group,
    const uint8_t *block, const int32_t *start
) {
    return is_panel ? tsr_dot_tile_panel(pixels, is_whole, group, in->runs, block, start)
                    : tsr_dot_tile_pixels(pixels, is_whole, group, in->pixel_stride, in->runs, block, start);
}

// The tile as one quads cell; slots from `valid` on hold the zero point.
TSR_ARM_INLINE void tsr_dot_store_cell(
    const tsr_dot_tile *t, const uint8_t *block, int32_t valid, const tsr_arm_output *o, uint8_t *cell
) {
    const float *multiplier = (const float *)(block + 64);
    const uint8x16_t keep = tsr_arm_keep(valid);
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        const float32x4_t m = vld1q_f32(multiplier + 4 * q);
        const uint8x16_t bytes = tsr_arm_interleaved(
            tsr_arm_requantize(t->acc[0][q], m, o, TSR_ARM_ADD_MAGIC),
            tsr_arm_requantize(t->acc[1][q], m, o, TSR_ARM_ADD_MAGIC),
            tsr_arm_requantize(t->acc[2][q], m, o, TSR_ARM_ADD_MAGIC),
            tsr_arm_requantize(t->acc[3][q], m, o, TSR_ARM_ADD_MAGIC), o
        );
        vst1q_u8(cell + 16 * q, vbslq_u8(keep, bytes, o->zero_point));
    }
}

// The same with small results and an even zero point.
TSR_ARM_INLINE void tsr_dot_store_cell_small(
    const tsr_dot_tile *t, const uint8_t *block, int32_t valid, const tsr_output *output, const tsr_arm_small *s,
    const tsr_arm_small_output *o, uint8_t *cell
) {
    const float *multiplier = (const float *)(block + 64);
    const float32x4_t m[4] = {
        vld1q_f32(multiplier), vld1q_f32(multiplier + 4), vld1q_f32(multiplier + 8), vld1q_f32(multiplier + 12)};
    int16x8_t pairs[2][4]; // [pair of pixels][four channels]
    TSR_ARM_UNROLL
    for (int32_t p = 0; p < TSR_GROUP; p += 2) {
        float32x4_t x[4], y[4];
        TSR_ARM_LOAD_FOUR(float32x4_t, x[0], x[1], x[2], x[3], s->addend, 0, 1, 2, 3);
        TSR_ARM_LOAD_FOUR(float32x4_t, y[0], y[1], y[2], y[3], s->addend, 4, 5, 6, 7);
        TSR_ARM_UNROLL
        for (int32_t q = 0; q < 4; q++) {
            x[q] = tsr_arm_small_scale(t->acc[p][q], x[q], m[q]);
            y[q] = tsr_arm_small_scale(t->acc[p + 1][q], y[q], m[q]);
            pairs[p / 2][q] = tsr_arm_small_pair(x[q], y[q], o);
        }
    }
    uint8x16_t bytes[4];
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        bytes[q] = vreinterpretq_u8_s8(vqmovn_high_s16(vqmovn_s16(pairs[0][q]), pairs[1][q]));
        bytes[q] = vqtbl1q_u8(bytes[q], o->order);
    }
    if (valid < TSR_GROUP) {
        const uint8x16_t keep = tsr_arm_keep(valid), zero_point = vdupq_n_u8(tsr_stored(output->zero_point));
        TSR_ARM_UNROLL
        for (int32_t q = 0; q < 4; q++)
            bytes[q] = vbslq_u8(keep, bytes[q], zero_point);
    }
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++)
        vst1q_u8(cell + 16 * q, bytes[q]);
}

#endif
