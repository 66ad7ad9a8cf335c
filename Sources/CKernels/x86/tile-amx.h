// The matrix step of the pointwise kernels on AMX tiles: 16 pixels x 16 channels of sums a tile, 64 input channels an
// instruction. Include it inside a region with the AMX-INT8 and AVX512-VNNI targets. Private to the kernels.
//
// A tile of activations is 16 rows of up to 64 bytes, a row a pixel; a tile of weights is 16 cells of the packed layer
// as they lie. Two of each make four tiles of sums, which go through memory to the vector registers. The matrix unit
// multiplies while those requantise the tiles before: what is left of a pointwise layer is its requantisation.
#ifndef TSR_X86_TILE_AMX_H
#define TSR_X86_TILE_AMX_H

#include "requant-avx512vnni.h"
#include "tsr_pack.h"

enum {
    TSR_AMX_SLOTS = 4,
    TSR_AMX_PIXELS = 16,
    TSR_AMX_RUNS = 16,                             // runs of four input channels in a whole tile
    TSR_AMX_ROOM = TSR_AMX_PIXELS + TSR_GROUP - 1, // a last group's missing pixels lie beyond the tile
};

// Tile registers: sums in 0 to 3, "slots": of pixel tile i and block b in 2 * i + b. The intrinsics want literals.
#define TSR_AMX_A0 4
#define TSR_AMX_A1 5
#define TSR_AMX_W0 6
#define TSR_AMX_W1 7

// Two tiles of pixels: their rows are `stride` bytes apart. A strip that ends with one tile has it twice.
typedef struct tsr_amx_pixels {
    const uint8_t *at[2];
    size_t stride;
    int32_t runs;
} tsr_amx_pixels;

// Their sums with two blocks: [slot][pixel][channel].
typedef struct tsr_amx_sums {
    _Alignas(64) int32_t of[TSR_AMX_SLOTS][TSR_AMX_ROOM][TSR_BLOCK];
} tsr_amx_sums;

typedef struct tsr_amx_shape {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tsr_amx_shape;

// Gives the tiles their shapes: `runs` runs of four input channels, 1..16.
TSR_X86_INLINE void tsr_amx_configure(int32_t runs) {
    _Alignas(64) tsr_amx_shape shape = {.palette = 1};
    for (int t = 0; t < 8; t++) {
        shape.row_bytes[t] = TSR_CELL_BYTES;
        shape.rows[t] = TSR_AMX_PIXELS;
    }
    shape.row_bytes[TSR_AMX_A0] = shape.row_bytes[TSR_AMX_A1] = (uint16_t)(4 * runs);
    shape.rows[TSR_AMX_W0] = shape.rows[TSR_AMX_W1] = (uint8_t)runs;
    _tile_loadconfig(&shape);
}

// Runs in the steps of a layer, all alike so that one shape of tiles serves them: the least number of steps, or 0
// where no equal share of at most 16 exists.
TSR_X86_INLINE int32_t tsr_amx_step_runs(int32_t runs) {
    for (int32_t steps = (runs + TSR_AMX_RUNS - 1) / TSR_AMX_RUNS; steps <= 2 * runs / TSR_AMX_RUNS + 1; steps++)
        if (runs % steps == 0) return runs / steps;
    return 0;
}

TSR_X86_INLINE void tsr_amx_load_pixels(const tsr_amx_pixels *in, int32_t run) {
    _tile_loadd(TSR_AMX_A0, in->at[0] + 4 * run, in->stride);
    _tile_loadd(TSR_AMX_A1, in->at[1] + 4 * run, in->stride);
}

TSR_X86_INLINE void tsr_amx_load_weights(const uint8_t *cell, size_t block_bytes) {
    _tile_loadd(TSR_AMX_W0, cell, TSR_CELL_BYTES);
    _tile_loadd(TSR_AMX_W1, cell + block_bytes, TSR_CELL_BYTES);
}

// sums[slot] += pixels * weights, with what is loaded.
TSR_X86_INLINE void tsr_amx_add_product(int slot) {
    switch (slot) {
    case 0:
        _tile_dpbusd(0, TSR_AMX_A0, TSR_AMX_W0);
        break;
    case 1:
        _tile_dpbusd(1, TSR_AMX_A0, TSR_AMX_W1);
        break;
    case 2:
        _tile_dpbusd(2, TSR_AMX_A1, TSR_AMX_W0);
        break;
    default:
        _tile_dpbusd(3, TSR_AMX_A1, TSR_AMX_W1);
        break;
    }
}

// Every pixel's sums start at the bias.
TSR_X86_INLINE void tsr_amx_load_bias(int slot, const uint8_t *block, size_t block_bytes) {
    const size_t same_row = 0;
    switch (slot) {
    case 0:
        _tile_loadd(0, block, same_row);
        break;
    case 1:
        _tile_loadd(1, block + block_bytes, same_row);
        break;
    case 2:
        _tile_loadd(2, block, same_row);
        break;
    default:
        _tile_loadd(3, block + block_bytes, same_row);
        break;
    }
}

TSR_X86_INLINE void tsr_amx_store(int slot, tsr_amx_sums *sums) {
    switch (slot) {
    case 0:
        _tile_stored(0, sums->of[0], TSR_CELL_BYTES);
        break;
    case 1:
        _tile_stored(1, sums->of[1], TSR_CELL_BYTES);
        break;
    case 2:
        _tile_stored(2, sums->of[2], TSR_CELL_BYTES);
        break;
    default:
        _tile_stored(3, sums->of[3], TSR_CELL_BYTES);
        break;
    }
}

// The steps behind the first.
TSR_X86_INLINE void tsr_amx_add_steps(
    const tsr_amx_pixels *in, int32_t step_runs, const uint8_t *cell, size_t block_bytes
) {
    for (int32_t run = step_runs; run < in->runs; run += step_runs) {
        tsr_amx_load_pixels(in, run);
        tsr_amx_load_weights(cell + (size_t)run * TSR_CELL_BYTES, block_bytes);
        TSR_X86_UNROLL
        for (int slot = 0; slot < TSR_AMX_SLOTS; slot++)
            tsr_amx_add_product(slot);
    }
}

// Groups of four pixels that a tile holds. `whole`: four groups of four, one after the other.
typedef struct tsr_amx_groups {
    int32_t count;
    bool whole;
    struct {
        tsr_strip_group group;
        int32_t at;   // its first pixel's row in the tile
        uint8_t *out; // where the first block of channels goes; the kernel's to fill
    } of[TSR_AMX_PIXELS];
} tsr_amx_groups;

// Walks a strip, tile after tile.
typedef struct tsr_amx_walk {
    const tsr_strip *strip;
    tsr_strip_group at;
} tsr_amx_walk;

TSR_X86_INLINE bool tsr_amx_walk_ended(const tsr_amx_walk *w) { return w->at.row >= w->strip->in->rows; }

TSR_X86_INLINE void tsr_amx_walk_add(tsr_amx_walk *w, tsr_amx_groups *groups, int32_t at) {
    groups->of[groups->count].group = w->at;
    groups->of[groups->count++].at = at;
    groups->whole &= at % TSR_GROUP == 0 && w->at.valid == TSR_GROUP;
    w->at = tsr_strip_next(w->strip, w->at);
}

// Pixels are one sequence, row after row, and a tile takes as many whole groups as begin and end within its 16 rows.
// Near the strip's end it reaches back over pixels that are already done, because those behind may not be read.
TSR_X86_INLINE const uint8_t *tsr_amx_walk_pixels(tsr_amx_walk *w, tsr_amx_groups *groups) {
    const tsr_pixels *in = w->strip->in;
    const int32_t last = in->rows * in->width - TSR_AMX_PIXELS;
    const int32_t begin = w->at.row * in->width + w->at.index * TSR_GROUP, from = begin < last ? begin : last;
    groups->count = 0;
    groups->whole = true;
    for (int32_t at = begin - from; !tsr_amx_walk_ended(w) && at + w->at.valid <= TSR_AMX_PIXELS;) {
        const int32_t valid = w->at.valid;
        tsr_amx_walk_add(w, groups, at);
        at += valid;
    }
    groups->whole &= groups->count == TSR_AMX_PIXELS / TSR_GROUP;
    return in->data + (size_t)from * in->pixel_stride;
}

// Whether a strip's pixels are one sequence that fills a tile.
TSR_X86_INLINE bool tsr_amx_walkable(const tsr_pixels *in) {
    return in->run_stride == 4 && in->group_stride == TSR_GROUP * in->pixel_stride &&
           (in->rows == 1 || in->row_stride == (size_t)in->width * in->pixel_stride) &&
           in->rows * in->width >= TSR_AMX_PIXELS;
}

#endif
