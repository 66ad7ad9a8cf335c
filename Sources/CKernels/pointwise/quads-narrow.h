// Pointwise into quads on 128- or 256-bit registers: one function for each of their instruction sets, which defines
// KERNEL and includes this inside its target region. A block's weights stay in L1 while all groups of a chunk pass.

TSR_X86_INLINE void run(const tsr_pointwise_quads_args *args, bool small) {
    const tsr_strip strip = tsr_strip_of(&args->in);
    const size_t block_bytes = tsr_pointwise_block_bytes(V_PACKING, args->in.runs);
    const v_output o = v_output_of(args->output);
    v_chunk chunk;
    for (tsr_strip_group at = tsr_strip_at(&strip, 0, 0); at.row < args->in.rows;) {
        at = v_next_chunk(&chunk, &strip, at);
        for (int32_t c = 0; c < args->blocks * TSR_BLOCK; c += V_PASS) {
            const uint8_t *block = (const uint8_t *)args->weights + (size_t)(c / TSR_BLOCK) * block_bytes;
            const int lane = c % TSR_BLOCK;
            for (int32_t i = 0; i < chunk.count; i++) {
                const tsr_strip_group g = chunk.of[i];
                uint8_t *cell = args->out_rows[g.row] + (size_t)(c / TSR_BLOCK) * args->out_block_stride +
                                (size_t)g.index * TSR_CELL_BYTES + 4 * (size_t)lane;
                vi sums[2][TSR_GROUP];
                v_accumulate(g.in, args->in.runs, block, lane, small, sums);
                TSR_X86_UNROLL
                for (int h = 0; h < 2; h++) {
                    const vi packed = v_requantize(sums[h], block + 64 + 4 * (lane + h * V_LANES), &o, small);
                    v_store_cell(cell + 4 * V_LANES * h, packed, g.valid, &o);
                }
            }
        }
    }
}

void KERNEL(const tsr_pointwise_quads_args *args) {
    if (V_FMA && args->output.small_sums) {
        run(args, true);
    } else {
        run(args, false);
    }
}
