// The register tile of the dotprod kernels: 4 pixels x 16 output channels in 16 accumulators, fed from DOT4 cells.
// Include it inside a region with the dotprod target. Private to the kernels.
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
        for (int32_t p = 0; p < TSR_GROUP; p++) t.acc[p][q] = bias;
    }
    return t;
}

// One run of four channels; lane p of `a` is pixel p.
TSR_ARM_INLINE void tsr_dot_run(tsr_dot_tile *t, const int8_t *cell, int8x16_t a) {
    TSR_ARM_UNROLL
    for (int32_t q = 0; q < 4; q++) {
        const int8x16_t w = vld1q_s8(cell + 16 * q);
        t->acc[0][q] = vdotq_laneq_s32(t->acc[0][q], w, a, 0);
        t->acc[1][q] = vdotq_laneq_s32(t->acc[1][q], w, a, 1);
        t->acc[2][q] = vdotq_laneq_s32(t->acc[2][q], w, a, 2);
        t->acc[3][q] = vdotq_laneq_s32(t->acc[3][q], w, a, 3);
    }
}

// Four runs; a[p] is pixel p, lane `run` of it the run.
#define TSR_DOT_LANE(run)                                                                                              \
    TSR_ARM_UNROLL \
    for (int32_t q = 0; q < 4; q++) {                                                                                  \
        const int8x16_t w = vld1q_s8(cells + TSR_CELL_BYTES * (run) + 16 * q);                                         \
        TSR_ARM_UNROLL \
        for (int32_t p = 0; p < TSR_GROUP; p++) t->acc[p][q] = vdotq_laneq_s32(t->acc[p][q], w, a[p], run);            \
    }
TSR_ARM_INLINE void tsr_dot_four_runs(tsr_dot_tile *t, const int8_t *cells, const int8x16_t a[TSR_GROUP]) {
    TSR_DOT_LANE(0)
    TSR_DOT_LANE(1)
    TSR_DOT_LANE(2)
    TSR_DOT_LANE(3)
}
#undef TSR_DOT_LANE

// A whole tile from panel: `group` is [runs][4 pixels][4 channels].
TSR_ARM_INLINE tsr_dot_tile tsr_dot_tile_panel(const uint8_t *group, int32_t runs, const uint8_t *block) {
    tsr_dot_tile t = tsr_dot_tile_start(block);
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    for (int32_t run = 0; run < runs; run++, cell += TSR_CELL_BYTES, group += 16) {
        tsr_dot_run(&t, cell, vld1q_s8((const int8_t *)group));
    }
    return t;
}

// A whole tile from pixels; the missing pixels of a narrow group (valid = 1..3) repeat the last one.
TSR_ARM_INLINE tsr_dot_tile tsr_dot_tile_pixels(
    const uint8_t *group, size_t pixel_stride, int32_t valid, int32_t runs, const uint8_t *block
) {
    tsr_dot_tile t = tsr_dot_tile_start(block);
    const int8_t *cell = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    const uint8_t *p0 = group, *p1 = valid > 1 ? p0 + pixel_stride : p0;
    const uint8_t *p2 = valid > 2 ? p1 + pixel_stride : p1, *p3 = valid > 3 ? p2 + pixel_stride : p2;
    for (; runs >= 4; runs -= 4, cell += 4 * TSR_CELL_BYTES, p0 += 16, p1 += 16, p2 += 16, p3 += 16) {
        const int8x16_t a[TSR_GROUP] = {
            vreinterpretq_s8_u8(vld1q_u8(p0)), vreinterpretq_s8_u8(vld1q_u8(p1)),
            vreinterpretq_s8_u8(vld1q_u8(p2)), vreinterpretq_s8_u8(vld1q_u8(p3)),
        };
        tsr_dot_four_runs(&t, cell, a);
    }
    for (; runs > 0; runs--, cell += TSR_CELL_BYTES, p0 += 4, p1 += 4, p2 += 4, p3 += 4) {
        const uint32x4_t a = {tsr_arm_load4(p0), tsr_arm_load4(p1), tsr_arm_load4(p2), tsr_arm_load4(p3)};
        tsr_dot_run(&t, cell, vreinterpretq_s8_u32(a));
    }
    return t;
}

// The tile of group `x / 4` of row `r`; panel and pixels are told apart by the run stride.
TSR_ARM_INLINE tsr_dot_tile tsr_dot_tile_at(
    const tsr_pixels *in, int32_t r, int32_t x, int32_t valid, const uint8_t *block
) {
    const uint8_t *group = in->data + (size_t)r * in->row_stride + (size_t)(x / TSR_GROUP) * in->group_stride;
    return in->run_stride == 4 ? tsr_dot_tile_pixels(group, in->pixel_stride, valid, in->runs, block)
                               : tsr_dot_tile_panel(group, in->runs, block);
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
