// Dense on 128- or 256-bit registers: one function for each of their instruction sets, which defines KERNEL and
// includes this inside its target region. Four chains of sums a register hide their latency.

enum { CHAINS = 4 };

void KERNEL(const tsr_dense_args *args) {
    const size_t block_bytes = tsr_pointwise_block_bytes(V_PACKING, args->runs);
    for (int32_t c = 0; c < args->channels; c += V_LANES) {
        const uint8_t *block = (const uint8_t *)args->weights + (size_t)(c / TSR_BLOCK) * block_bytes;
        const int lane = c % TSR_BLOCK;
        const uint8_t *cell = block + TSR_PACK_HEADER_BYTES, *in = args->in;
        vi sums[CHAINS] = {v_load(block + 4 * lane), v_zero(), v_zero(), v_zero()};
        int32_t k = 0;
        for (; k + CHAINS <= args->runs; k += CHAINS, cell += CHAINS * V_CELL_BYTES, in += 4 * CHAINS) {
            TSR_X86_UNROLL
            for (int i = 0; i < CHAINS; i++) {
                const v_bytes a = v_split(v_set32(tsr_load4(in + 4 * i)));
                sums[i] = v_dot(sums[i], a, cell + V_CELL_BYTES * i, lane, V_ALL);
            }
        }
        for (; k < args->runs; k++, cell += V_CELL_BYTES, in += 4) {
            sums[0] = v_dot(sums[0], v_split(v_set32(tsr_load4(in))), cell, lane, V_ALL);
        }
        const vi sum = v_add32(v_add32(sums[0], sums[1]), v_add32(sums[2], sums[3]));
        float out[V_LANES];
        v_storef(out, v_scale(sum, v_loadf(block + 64 + 4 * lane), false));
        const int32_t left = args->channels - c;
        memcpy(args->out + c, out, sizeof(float) * (size_t)(left < V_LANES ? left : V_LANES));
    }
}
