// Pointwise into quads on 128- or 256-bit registers: one function for each of their instruction sets, which defines
// KERNEL and includes this inside its target region. A block's weights stay in L1 while all groups of the strip pass.

void KERNEL(const tsr_pointwise_quads_args *args) {
    const tsr_pixels *in = &args->in;
    const size_t block_bytes = tsr_pointwise_block_bytes(V_PACKING, in->runs);
    const v_output o = v_output_of(args->output);
    for (int32_t b = 0; b < args->blocks; b++) {
        const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
        for (int lane = 0; lane < TSR_BLOCK; lane += V_PASS) {
            for (int32_t r = 0; r < in->rows; r++) {
                uint8_t *cell = args->out_rows[r] + (size_t)b * args->out_block_stride + 4 * (size_t)lane;
                for (int32_t x = 0; x < in->width; x += TSR_GROUP, cell += TSR_CELL_BYTES) {
                    const int32_t valid = in->width - x < TSR_GROUP ? in->width - x : TSR_GROUP;
                    vi sums[2][TSR_GROUP];
                    v_accumulate_group(in, r, x / TSR_GROUP, valid, block, lane, sums);
                    TSR_X86_UNROLL
                    for (int h = 0; h < 2; h++) {
                        const vi packed = v_requantize(sums[h], block + 64 + 4 * (lane + h * V_LANES), &o);
                        v_store_cell(cell + 4 * V_LANES * h, packed, valid, &o);
                    }
                }
            }
        }
    }
}
