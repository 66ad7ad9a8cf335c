// The stem on 128- or 256-bit registers: one function for each of their instruction sets, which defines KERNEL and
// includes this inside its target region.

enum { PIXEL_STEP = 6 };

// One pass of four outputs: rows[i] + offset[p] is the left top byte of pixel p.
TSR_X86_INLINE void accumulate(
    const uint8_t *const rows[3], const size_t offset[TSR_GROUP], const uint8_t *block, int lane, bool small,
    vi sums[2][TSR_GROUP]
) {
    TSR_X86_UNROLL
    for (int h = 0; h < 2; h++) {
        const vi bias = v_bias(block + 4 * (lane + h * V_LANES), small);
        TSR_X86_UNROLL
        for (int p = 0; p < TSR_GROUP; p++)
            sums[h][p] = bias;
    }
    const uint8_t *cell = block + TSR_PACK_HEADER_BYTES;
    TSR_X86_NO_UNROLL
    for (int i = 0; i < 3; i++, cell += 3 * V_CELL_BYTES) {
        TSR_X86_UNROLL
        for (int k = 0; k < 3; k++) {
            TSR_X86_UNROLL
            for (int p = 0; p < TSR_GROUP; p++) {
                const v_bytes a = v_split(v_set32(tsr_load4(rows[i] + offset[p] + 4 * k)));
                TSR_X86_UNROLL
                for (int h = 0; h < 2; h++) {
                    sums[h][p] = v_dot(sums[h][p], a, cell + V_CELL_BYTES * k, lane + h * V_LANES, V_ALL);
                }
            }
        }
    }
}

TSR_X86_INLINE void run(const tsr_stem3x3_args *args, bool small) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(V_PACKING);
    const v_output o = v_output_of(args->output);
    for (int32_t y = 0; y < args->out_height; y++) {
        const uint8_t *const rows[3] = {args->rows[2 * y], args->rows[2 * y + 1], args->rows[2 * y + 2]};
        for (int32_t c = 0; c < args->blocks * TSR_BLOCK; c += V_PASS) {
            const uint8_t *block = (const uint8_t *)args->weights + (size_t)(c / TSR_BLOCK) * block_bytes;
            const int lane = c % TSR_BLOCK;
            uint8_t *out = args->out_rows[y] + (size_t)(c / TSR_BLOCK) * args->out_block_stride + 4 * (size_t)lane;
            for (int32_t x = 0; x < args->out_width; x += TSR_GROUP, out += TSR_CELL_BYTES) {
                const int32_t valid = args->out_width - x < TSR_GROUP ? args->out_width - x : TSR_GROUP;
                size_t offset[TSR_GROUP]; // pixels beyond the row are not readable: the last one stands in
                for (int32_t p = 0; p < TSR_GROUP; p++) {
                    offset[p] = PIXEL_STEP * (size_t)(x + (p < valid ? p : valid - 1));
                }
                vi sums[2][TSR_GROUP];
                accumulate(rows, offset, block, lane, small, sums);
                TSR_X86_UNROLL
                for (int h = 0; h < 2; h++) {
                    const vi packed = v_requantize(sums[h], block + 64 + 4 * (lane + h * V_LANES), &o, small);
                    v_store_cell(out + 4 * V_LANES * h, packed, valid, &o);
                }
            }
        }
    }
}

void KERNEL(const tsr_stem3x3_args *args) {
    if (V_FMA && args->output.small_sums) {
        run(args, true);
    } else {
        run(args, false);
    }
}
