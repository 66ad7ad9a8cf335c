// The register tile of the pointwise kernels for 128- and 256-bit registers: one pass (narrow.h) of four pixels in
// eight sums. Include it after narrow.h and dot-*.h, inside a region with the target; private to the kernels.
//
// Groups are taken in chunks. The activations of a chunk are prepared once, as the dot products want them, and then
// meet all channels.
#ifndef TSR_X86_TILE_NARROW_H
#define TSR_X86_TILE_NARROW_H

enum {
    V_CHUNK_GROUPS = 128,
    V_WIDEST_BYTES = TSR_RUNS_LIMIT * V_RUN_BYTES, // one group of the widest layer
    V_CHUNK_BYTES = 48 << 10,                      // more than one group only within this
    V_ROOM_BYTES = V_WIDEST_BYTES > V_CHUNK_BYTES ? V_WIDEST_BYTES : V_CHUNK_BYTES,
};

typedef struct v_chunk {
    int32_t count;
    tsr_strip_group of[V_CHUNK_GROUPS]; // `in` is what v_accumulate reads
    _Alignas(64) uint8_t bytes[V_ROOM_BYTES];
} v_chunk;

// Prepares a group; a narrow one's missing pixels are replaced by its last.
TSR_X86_INLINE void v_prepare_group(const tsr_pixels *in, const tsr_strip_group *g, uint8_t *to) {
    const uint8_t *from[TSR_GROUP];
    for (int32_t p = 0; p < TSR_GROUP; p++) {
        const bool readable = tsr_is_panel(in) || p < g->valid;
        from[p] = g->in + (size_t)(readable ? p : g->valid - 1) * in->pixel_stride;
    }
    for (int32_t k = 0; k < in->runs; k++, to += V_RUN_BYTES) {
        const size_t at = (size_t)k * in->run_stride;
        v_prepare(
            to, _mm_setr_epi32(
                    tsr_load4(from[0] + at), tsr_load4(from[1] + at), tsr_load4(from[2] + at), tsr_load4(from[3] + at)
                )
        );
    }
}

// Takes groups of the strip from `at` on, at least one; returns the one behind them.
TSR_X86_INLINE tsr_strip_group v_next_chunk(v_chunk *chunk, const tsr_strip *strip, tsr_strip_group at) {
    const tsr_pixels *in = strip->in;
    const bool as_it_is = V_READS_PANEL && tsr_is_panel(in);
    const int32_t group_bytes = as_it_is ? 0 : in->runs * V_RUN_BYTES;
    int32_t used = 0;
    chunk->count = 0;
    do {
        tsr_strip_group *g = &chunk->of[chunk->count++];
        *g = at;
        if (!as_it_is) {
            g->in = chunk->bytes + used;
            v_prepare_group(in, &at, chunk->bytes + used);
        }
        used += group_bytes;
        at = tsr_strip_next(strip, at);
    } while (at.row < in->rows && chunk->count < V_CHUNK_GROUPS && used + group_bytes <= V_CHUNK_BYTES);
    return at;
}

// sums[half][pixel] of one pass from `lane` of a packed pointwise block on, for a prepared group.
TSR_X86_INLINE void v_accumulate(
    const uint8_t *in, int32_t runs, const uint8_t *block, int lane, bool small, vi sums[2][TSR_GROUP]
) {
    TSR_X86_UNROLL
    for (int h = 0; h < 2; h++) {
        const vi bias = v_bias(block + 4 * (lane + h * V_LANES), small);
        TSR_X86_UNROLL
        for (int p = 0; p < TSR_GROUP; p++)
            sums[h][p] = bias;
    }
    const uint8_t *cell = block + TSR_PACK_HEADER_BYTES;
    for (int32_t k = 0; k < runs; k++, cell += V_CELL_BYTES, in += V_RUN_BYTES) {
        TSR_X86_UNROLL
        for (int p = 0; p < TSR_GROUP; p++) {
            const v_bytes a = v_prepared(in, p);
            TSR_X86_UNROLL
            for (int h = 0; h < 2; h++)
                sums[h][p] = v_dot(sums[h][p], a, cell, lane + h * V_LANES, V_ALL);
        }
    }
}

#endif
