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
    TSR_ARM_UNROLL
    for (int32_t p = 0; p < TSR_GROUP; p++) {
        TSR_ARM_LOAD_PAIR(t.acc[p][0], t.acc[p][1], start, 0);
        TSR_ARM_LOAD_PAIR(t.acc[p][2], t.acc[p][3], start, 32);
    }
    return t;
}

// One run of four channels; lane p of `a` is pixel p.
TSR_ARM_INLINE void tsr_dot_run(tsr_dot_tile *t, const int32_t pixels, const int8_t *cell, int8x16_t a) {
    const int8x16x4_t w = vld1q_s8_x4(cell);
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
        const int8x16x4_t w = vld1q_s8_x4(cell);                                                                       \
        cell += TSR_CELL_BYTES;                                                                                        \
        TSR_ARM_UNROLL                                                                                                 \
        for (int32_t q = 0; q < 4; q++) {                                                                              \
            TSR_ARM_UNROLL                                                                                             \
            for (int32_t p = 0; p < pixels; p++)                                                                       \
                t.acc[p][q] = vdotq_laneq_s32(t.acc[p][q], w.val[q], a[p], run);                                       \
        }                                                                                                              \
    }

// A whole tile from panel: `group` is [runs][4 pixels][4 channels].
TSR_ARM_INLINE tsr_dot_tile tsr_dot_tile_panel(
    const int32_t pixels, const uint8_t *group, int32_t runs, const uint8_t *block, const int32_t *start
) {
    tsr_dot_tile t = tsr_dot_tile_start(start);
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    const int8_t *in = (const int8_t *)group;
    for (; runs >= 4; runs -= 4) {
        const int8x16x4_t a = vld1q_s8_x4(in);
        in += 64;
        TSR_ARM_UNROLL
        for (int32_t run = 0; run < 4; run++, cell += TSR_CELL_BYTES)
            tsr_dot_run(&t, pixels, cell, a.val[run]);
    }
    for (; runs > 0; runs--, cell += TSR_CELL_BYTES, in += 16)
        tsr_dot_run(&t, pixels, cell, vld1q_s8(in));
    return t;
}

// A whole tile from pixels.
TSR_ARM_INLINE tsr_dot_tile tsr_dot_tile_pixels(
    const int32_t pixels, const uint8_t *group, size_t pixel_stride, int32_t runs, const uint8_t *block,
    const int32_t *start
) {
    tsr_dot_tile t = tsr_dot_tile_start(start);
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    for (; runs >= 4; runs -= 4, group += 16) {
        int8x16_t a[TSR_GROUP];
        TSR_ARM_UNROLL
        for (int32_t p = 0; p < pixels; p++) {
            a[p] = vreinterpretq_s8_u8(vld1q_u8(group + (size_t)p * pixel_stride));
        }
        TSR_DOT_RUN_OF_FOUR(0)
        TSR_DOT_RUN_OF_FOUR(1)
        TSR_DOT_RUN_OF_FOUR(2)
        TSR_DOT_RUN_OF_FOUR(3)
    }
    for (; runs > 0; runs--, cell += TSR_CELL_BYTES, group += 4) {
        uint32x4_t a = vdupq_n_u32(tsr_arm_load4(group));
        if (pixels > 1) a = vsetq_lane_u32(tsr_arm_load4(group + pixel_stride), a, 1);
        if (pixels > 2) a = vsetq_lane_u32(tsr_arm_load4(group + 2 * pixel_stride), a, 2);
        if (pixels > 3) a = vsetq_lane_u32(tsr_arm_load4(group + 3 * pixel_stride), a, 3);
        tsr_dot_run(&t, pixels, cell, vreinterpretq_s8_u32(a));
    }
    return t;
}

#undef TSR_DOT_RUN_OF_FOUR

// The tile of a group whose first `pixels` pixels count, from panel or pixels.
TSR_ARM_INLINE tsr_dot_tile tsr_dot_tile_at(
    const int32_t pixels, const bool is_panel, const tsr_pixels *in, const uint8_t *group, const uint8_t *block,
    const int32_t *start
) {
    return is_panel ? tsr_dot_tile_panel(pixels, group, in->runs, block, start)
                    : tsr_dot_tile_pixels(pixels, group, in->pixel_stride, in->runs, block, start);
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
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q += 2) {
        const float32x4_t m0 = vld1q_f32(multiplier + 4 * q), m1 = vld1q_f32(multiplier + 4 * q + 4);
        float32x4_t x0[TSR_GROUP], x1[TSR_GROUP];
        TSR_ARM_UNROLL
        for (int32_t p = 0; p < TSR_GROUP; p++) {
            TSR_ARM_LOAD_PAIR(x0[p], x1[p], s, 64 + 16 * q);
            x0[p] = tsr_arm_small_scale(t->acc[p][q], x0[p], m0);
            x1[p] = tsr_arm_small_scale(t->acc[p][q + 1], x1[p], m1);
        }
        uint8x16_t first = tsr_arm_small_in_order(x0[0], x0[1], x0[2], x0[3], o, /* with_odd= */ false);
        uint8x16_t second = tsr_arm_small_in_order(x1[0], x1[1], x1[2], x1[3], o, /* with_odd= */ false);
        first = vqtbl1q_u8(first, o->order);
        second = vqtbl1q_u8(second, o->order);
        if (valid < TSR_GROUP) {
            const uint8x16_t keep = tsr_arm_keep(valid), zero_point = vdupq_n_u8(tsr_stored(output->zero_point));
            first = vbslq_u8(keep, first, zero_point);
            second = vbslq_u8(keep, second, zero_point);
        }
        vst1q_u8(cell + 16 * q, first);
        vst1q_u8(cell + 16 * q + 16, second);
    }
}

#endif
