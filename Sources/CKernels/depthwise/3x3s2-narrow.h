// Depthwise 3x3, stride 2, on 128- or 256-bit registers: one function for each of their instruction sets, which defines
// KERNEL and includes this inside its target region. See 3x3s2-avx512vnni.c; here a register at a time, cells from L1.

enum { CELLS = 3 };

TSR_X86_INLINE void run(const tsr_depthwise3x3_args *args, bool small) {
    const size_t block_bytes = tsr_depthwise3x3_block_bytes(V_PACKING, 2);
    const size_t group_stride = args->out_group_stride;
    const v_output o = v_output_of(args->output);
    for (int32_t b = 0; b < args->blocks; b++) {
        const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
        for (int32_t y = 0; y < args->out_rows; y++) {
            for (int lane = 0; lane < TSR_BLOCK; lane += V_LANES) {
                const size_t from = (size_t)b * args->block_stride + 4 * (size_t)lane;
                uint8_t *out =
                    args->out + (size_t)y * args->out_row_stride + (size_t)b * TSR_CELL_BYTES + 4 * (size_t)lane;
                const vi bias = v_bias(block + 4 * lane, small);
                for (int32_t g = 0; g < args->out_groups; g++, out += group_stride) {
                    vi sums[TSR_GROUP] = {bias, bias, bias, bias};
                    TSR_X86_UNROLL
                    for (int i = 0; i < 3; i++) {
                        const uint8_t *cell = block + TSR_PACK_HEADER_BYTES + V_CELL_BYTES * CELLS * i;
                        const uint8_t *at = args->rows[2 * y + i] + from + (ptrdiff_t)g * 2 * TSR_CELL_BYTES;
                        const v_bytes before = v_split(v_load(at - TSR_CELL_BYTES)), first = v_split(v_load(at));
                        const v_bytes second = v_split(v_load(at + TSR_CELL_BYTES));
                        sums[0] = v_dot(sums[0], before, cell, lane, V_ODD);
                        sums[0] = v_dot(sums[0], first, cell + V_CELL_BYTES, lane, V_ALL);
                        sums[1] = v_dot(sums[1], first, cell + 2 * V_CELL_BYTES, lane, V_ALL);
                        sums[2] = v_dot(sums[2], first, cell, lane, V_ODD);
                        sums[2] = v_dot(sums[2], second, cell + V_CELL_BYTES, lane, V_ALL);
                        sums[3] = v_dot(sums[3], second, cell + 2 * V_CELL_BYTES, lane, V_ALL);
                    }
                    v_store(out, v_requantize(sums, block + 64 + 4 * lane, &o, small));
                }
            }
        }
    }
}

void KERNEL(const tsr_depthwise3x3_args *args) {
    if (V_FMA && args->output.small_sums) {
        run(args, true);
    } else {
        run(args, false);
    }
}
