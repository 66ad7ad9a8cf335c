// The register tile of the dotprod kernels: 4 pixels x 16 output channels in 16 accumulators, fed from DOT4 cells; a
// group of fewer pixels at the end of a row costs fewer products. `pixels` (1..4) is a constant wherever it is a
// parameter. Include it inside a region with the dotprod target. Private to the kernels.
//
//   panel   one 16-byte load is 4 pixels x 4 channels: lane = pixel.             5 loads for 16 sdot
//   pixels  one 16-byte load is one pixel's 16 channels: lane = run, 4 at once.  20 loads for 64 sdot
#ifndef TSR_ARM_TILE_DOT_H
#define TSR_ARM_TILE_DOT_H

#include "requant.h"
#include "tsr_pack.h"

typedef struct tsr_dot_tile {
    int32x4_t acc[TSR_GROUP][4]; // [pixel][four channels]
} tsr_dot_tile;

TSR_ARM_INLINE tsr_dot_tile tsr_dot_tile_start(const uint8_t *block) {
    tsr_dot_tile t;
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        const int32x4_t bias = vld1q_s32((const int32_t *)block + 4 * q);
        TSR_ARM_UNROLL
        for (int32_t p = 0; p < TSR_GROUP; p++)
            t.acc[p][q] = bias;
    }
    return t;
}

// One run of four channels; lane p of `a` is pixel p.
TSR_ARM_INLINE void tsr_dot_run(tsr_dot_tile *t, const int32_t pixels, const int8_t *cell, int8x16_t a) {
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        const int8x16_t w = vld1q_s8(cell + 16 * q);
        t->acc[0][q] = vdotq_laneq_s32(t->acc[0][q], w, a, 0);
        if (pixels > 1) t->acc[1][q] = vdotq_laneq_s32(t->acc[1][q], w, a, 1);
        if (pixels > 2) t->acc[2][q] = vdotq_laneq_s32(t->acc[2][q], w, a, 2);
        if (pixels > 3) t->acc[3][q] = vdotq_laneq_s32(t->acc[3][q], w, a, 3);
    }
}

// Run `run` (a constant) of four; a[p] is pixel p, lane `run` of it the run.
#define TSR_DOT_RUN_OF_FOUR(run)                                                                                       \
    TSR_ARM_UNROLL                                                                                                     \
    for (int32_t q = 0; q < 4; q++) {                                                                                  \
        const int8x16_t w = vld1q_s8(cell + TSR_CELL_BYTES * (run) + 16 * q);                                          \
        TSR_ARM_UNROLL                                                                                                 \
        for (int32_t p = 0; p < pixels; p++)                                                                           \
            t.acc[p][q] = vdotq_laneq_s32(t.acc[p][q], w, a[p], run);                                                  \
    }

// A whole tile from panel: `group` is [runs][4 pixels][4 channels].
TSR_ARM_INLINE tsr_dot_tile
tsr_dot_tile_panel(const int32_t pixels, const uint8_t *group, int32_t runs, const uint8_t *block) {
    tsr_dot_tile t = tsr_dot_tile_start(block);
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    for (int32_t run = 0; run < runs; run++, cell += TSR_CELL_BYTES, group += 16) {
        tsr_dot_run(&t, pixels, cell, vld1q_s8((const int8_t *)group));
    }
    return t;
}

// A whole tile from pixels.
TSR_ARM_INLINE tsr_dot_tile tsr_dot_tile_pixels(
    const int32_t pixels, const uint8_t *group, size_t pixel_stride, int32_t runs, const uint8_t *block
) {
    tsr_dot_tile t = tsr_dot_tile_start(block);
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    for (; runs >= 4; runs -= 4, cell += 4 * TSR_CELL_BYTES, group += 16) {
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

// The tile of group `x / 4` of row `r`, whose first `pixels` pixels count; panel and pixels are told apart by the run
// stride.
TSR_ARM_INLINE tsr_dot_tile
tsr_dot_tile_at(const int32_t pixels, const tsr_pixels *in, int32_t r, int32_t x, const uint8_t *block) {
    const uint8_t *group = in->data + (size_t)r * in->row_stride + (size_t)(x / TSR_GROUP) * in->group_stride;
    return in->run_stride == 4 ? tsr_dot_tile_pixels(pixels, group, in->pixel_stride, in->runs, block)
                               : tsr_dot_tile_panel(pixels, group, in->runs, block);
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

#endif
