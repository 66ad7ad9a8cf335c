// The register tile of the pointwise kernels for 128- and 256-bit registers: one pass (narrow.h) of four pixels in
// eight sums. Include it after narrow.h and dot-*.h, inside a region with the target; private to the kernels.
#ifndef TSR_X86_TILE_NARROW_H
#define TSR_X86_TILE_NARROW_H

// sums[half][pixel] of one pass from `lane` of a packed pointwise block on; the pixels are at in + offset[p].
TSR_X86_INLINE void v_accumulate(
    const uint8_t *in, const size_t offset[TSR_GROUP], size_t run_stride, int32_t runs, const uint8_t *block, int lane,
    vi sums[2][TSR_GROUP]
) {
    TSR_X86_UNROLL
    for (int h = 0; h < 2; h++) {
        const vi bias = v_load(block + 4 * (lane + h * V_LANES));
        TSR_X86_UNROLL
        for (int p = 0; p < TSR_GROUP; p++)
            sums[h][p] = bias;
    }
    const uint8_t *cell = block + TSR_PACK_HEADER_BYTES;
    for (int32_t k = 0; k < runs; k++, cell += V_CELL_BYTES, in += run_stride) {
        TSR_X86_UNROLL
        for (int p = 0; p < TSR_GROUP; p++) {
            const v_bytes a = v_split(v_set32(tsr_load4(in + offset[p])));
            TSR_X86_UNROLL
            for (int h = 0; h < 2; h++)
                sums[h][p] = v_dot(sums[h][p], a, cell, lane + h * V_LANES, V_ALL);
        }
    }
}

// The same for group `index` of row `row`; a narrow group's missing pixels are replaced by its last.
TSR_X86_INLINE void v_accumulate_group(
    const tsr_pixels *in, int32_t row, int32_t index, int32_t valid, const uint8_t *block, int lane,
    vi sums[2][TSR_GROUP]
) {
    const uint8_t *from = in->data + (size_t)row * in->row_stride + (size_t)index * in->group_stride;
    if (tsr_is_panel(in)) {
        const size_t offset[TSR_GROUP] = {0, 4, 8, 12};
        v_accumulate(from, offset, 16, in->runs, block, lane, sums);
    } else {
        size_t offset[TSR_GROUP];
        for (int32_t p = 0; p < TSR_GROUP; p++)
            offset[p] = (size_t)(p < valid ? p : valid - 1) * in->pixel_stride;
        v_accumulate(from, offset, in->run_stride, in->runs, block, lane, sums);
    }
}

#endif
