// Pointwise into pixels on 128- or 256-bit registers, with an optional skip: one function for each of their instruction
// sets, which defines KERNEL and includes this inside its target region. A block's weights stay in L1 while all groups
// pass.

// The skip's share of one register: f32(skip - zero point) * multiplier, rounded by itself.
TSR_X86_INLINE vf skip_share(const tsr_pointwise_pixels_args *args, const uint8_t *skip) {
    const vi zero_point = v_set32(args->skip_zero_point + TSR_STORED_BIAS);
    return v_scale(v_sub32(v_widen(skip), zero_point), v_setf(args->skip_multiplier), false);
}

// One pass of one group: `n` channels of `valid` pixels exist, the first of them at byte offset `place` of out and
// skip.
TSR_X86_INLINE void finish(
    const tsr_pointwise_pixels_args *args, vi sums[2][TSR_GROUP], const uint8_t *multipliers, size_t place, int32_t n,
    int32_t valid, const v_output *o, bool small
) {
    const size_t stride = args->out_pixel_stride;
    const bool whole = n >= V_PASS && valid == TSR_GROUP;
    uint8_t part[TSR_GROUP * V_PASS] = {0}; // of a pass that is not whole
    const size_t bytes = (size_t)(n < V_PASS ? n : V_PASS);
    vi packed[2];
    if (args->skip == NULL) {
        TSR_X86_UNROLL
        for (int h = 0; h < 2; h++)
            packed[h] = v_requantize(sums[h], multipliers + 4 * V_LANES * h, o, small);
    } else {
        const uint8_t *skip = args->skip + place;
        size_t skip_stride = stride;
        if (!whole) {
            for (int32_t p = 0; p < valid; p++)
                memcpy(part + V_PASS * p, skip + (size_t)p * stride, bytes);
            skip = part;
            skip_stride = V_PASS;
        }
        TSR_X86_UNROLL
        for (int h = 0; h < 2; h++) {
            const vf m = v_loadf(multipliers + 4 * V_LANES * h);
            vi r[TSR_GROUP];
            TSR_X86_UNROLL
            for (int p = 0; p < TSR_GROUP; p++) {
                const vf share = skip_share(args, skip + (size_t)p * skip_stride + V_LANES * h);
                r[p] = v_toint(v_addf(v_scale(sums[h][p], m, small), share));
            }
            packed[h] = v_pack(r, o);
        }
    }
    uint8_t *out = args->out + place;
    if (whole) {
        v_store_pixels(out, stride, packed[0], packed[1]);
    } else {
        v_store_pixels(part, V_PASS, packed[0], packed[1]);
        for (int32_t p = 0; p < valid; p++)
            memcpy(out + (size_t)p * stride, part + V_PASS * p, bytes);
    }
}

TSR_X86_INLINE void run(const tsr_pointwise_pixels_args *args, bool small) {
    const tsr_strip strip = tsr_strip_of(&args->in);
    const size_t block_bytes = tsr_pointwise_block_bytes(V_PACKING, args->in.runs);
    const v_output o = v_output_of(args->output);
    v_chunk chunk;
    for (tsr_strip_group at = tsr_strip_at(&strip, 0, 0); at.row < args->in.rows;) {
        at = v_next_chunk(&chunk, &strip, at);
        for (int32_t c = 0; c < args->channels; c += V_PASS) {
            const uint8_t *block = (const uint8_t *)args->weights + (size_t)(c / TSR_BLOCK) * block_bytes;
            const int lane = c % TSR_BLOCK;
            for (int32_t i = 0; i < chunk.count; i++) {
                const tsr_strip_group g = chunk.of[i];
                const size_t place = (size_t)g.row * args->out_row_stride +
                                     (size_t)(g.index * TSR_GROUP) * args->out_pixel_stride + (size_t)c;
                vi sums[2][TSR_GROUP];
                v_accumulate(g.in, args->in.runs, block, lane, small, sums);
                finish(args, sums, block + 64 + 4 * lane, place, args->channels - c, g.valid, &o, small);
            }
        }
    }
}

void KERNEL(const tsr_pointwise_pixels_args *args) {
    if (V_FMA && args->output.small_sums) {
        run(args, true);
    } else {
        run(args, false);
    }
}
