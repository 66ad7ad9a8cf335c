// Packing of weights; the layouts are drawn in tsr_pack.h. Runs once at load, so it is written to be read.
#include "tsr_pack.h"

#include "tsr_requant.h"

#include <string.h>

enum { DEPTHWISE_CELLS_S1 = 6, DEPTHWISE_CELLS_S2 = 3, STEM_RUNS = 9, STEM_RUNS_TIGHT = 7 };

static size_t cell_bytes(tsr_packing packing) {
    return packing == TSR_PACKING_PAIR16 ? 2 * TSR_CELL_BYTES : TSR_CELL_BYTES;
}

// Cells of `runs` runs of four inputs.
static size_t runs_bytes(tsr_packing packing, int32_t runs) {
    if (packing == TSR_PACKING_MMLA8) return (size_t)((runs + 1) / 2) * 2 * TSR_CELL_BYTES;
    return (size_t)runs * cell_bytes(packing);
}

size_t tsr_pointwise_block_bytes(tsr_packing packing, int32_t runs) {
    return TSR_PACK_HEADER_BYTES + runs_bytes(packing, runs);
}

size_t tsr_depthwise3x3_block_bytes(tsr_packing packing, int32_t stride) {
    size_t cells = 3 * (stride == 1 ? DEPTHWISE_CELLS_S1 : DEPTHWISE_CELLS_S2);
    return TSR_PACK_HEADER_BYTES + cells * cell_bytes(packing);
}

// Rows of eight bytes, and the ninth of each.
static bool is_tight(tsr_packing packing) { return packing == TSR_PACKING_DOT4_TIGHT || packing == TSR_PACKING_MMLA8; }

size_t tsr_stem3x3_block_bytes(tsr_packing packing) {
    return TSR_PACK_HEADER_BYTES + runs_bytes(packing, is_tight(packing) ? STEM_RUNS_TIGHT : STEM_RUNS);
}

// Bias and multiplier of output channel `c`, whose weights add up to `sum`.
static void put_header(uint8_t *block, int32_t c, int32_t sum, const tsr_channel_params *params) {
    int32_t bias = params->bias[c] - sum * (params->input_zero_point + TSR_STORED_BIAS);
    memcpy(block + 4 * (c % TSR_BLOCK), &bias, sizeof bias);
    memcpy(block + 64 + 4 * (c % TSR_BLOCK), &params->multiplier[c], sizeof(float));
}

// Weight of lane `c` (0..15), element `i` (0..3) of a cell whose elements are multiplied with four bytes of a lane.
static void put_weight(tsr_packing packing, uint8_t *cell, int32_t c, int32_t i, int8_t w) {
    if (packing != TSR_PACKING_PAIR16) {
        cell[4 * c + i] = (uint8_t)w;
        return;
    }
    int16_t wide = w;
    memcpy(cell + 2 * (i % 2 * 2 * TSR_BLOCK + 2 * c + i / 2), &wide, sizeof wide);
}

// Weight of channel `c` (0..15) and element `i` of run `run`, in a block whose cells are whole runs.
static void put_run_weight(tsr_packing packing, uint8_t *block, int32_t run, int32_t c, int32_t i, int8_t w) {
    uint8_t *cells = block + TSR_PACK_HEADER_BYTES;
    if (packing == TSR_PACKING_MMLA8) {
        cells[(size_t)(run / 2) * 2 * TSR_CELL_BYTES + (size_t)(8 * c + run % 2 * 4 + i)] = (uint8_t)w;
    } else {
        put_weight(packing, cells + (size_t)run * cell_bytes(packing), c, i, w);
    }
}

static int32_t blocks_of(int32_t channels) { return (channels + TSR_BLOCK - 1) / TSR_BLOCK; }

void tsr_pack_pointwise(
    tsr_packing packing, int32_t channels, int32_t inputs, const int8_t *weights, const tsr_channel_params *params,
    void *packed
) {
    const int32_t runs = (inputs + 3) / 4;
    const size_t block_bytes = tsr_pointwise_block_bytes(packing, runs);
    memset(packed, 0, (size_t)blocks_of(channels) * block_bytes);
    for (int32_t c = 0; c < channels; c++) {
        uint8_t *block = (uint8_t *)packed + (size_t)(c / TSR_BLOCK) * block_bytes;
        int32_t sum = 0;
        for (int32_t k = 0; k < inputs; k++) {
            int8_t w = weights[(size_t)c * (size_t)inputs + (size_t)k];
            sum += w;
            put_run_weight(packing, block, k / 4, c % TSR_BLOCK, k % 4, w);
        }
        put_header(block, c, sum, params);
    }
}

void tsr_pack_depthwise3x3(
    tsr_packing packing, int32_t stride, int32_t channels, const int8_t *weights, const tsr_channel_params *params,
    void *packed
) {
    const size_t block_bytes = tsr_depthwise3x3_block_bytes(packing, stride);
    memset(packed, 0, (size_t)blocks_of(channels) * block_bytes);
    for (int32_t c = 0; c < channels; c++) {
        uint8_t *block = (uint8_t *)packed + (size_t)(c / TSR_BLOCK) * block_bytes;
        uint8_t *cell = block + TSR_PACK_HEADER_BYTES;
        int32_t sum = 0;
        for (int32_t i = 0; i < 3; i++) {
            const int8_t *w = weights + (size_t)c * 9 + (size_t)i * 3;
            sum += w[0] + w[1] + w[2];
            const int8_t s1[DEPTHWISE_CELLS_S1][4] = {
                {0, 0, 0, w[0]},       {w[1], w[2], 0, 0}, {w[0], w[1], w[2], 0},
                {0, w[0], w[1], w[2]}, {0, 0, w[0], w[1]}, {w[2], 0, 0, 0},
            };
            const int8_t s2[DEPTHWISE_CELLS_S2][4] = {{0, 0, 0, w[0]}, {w[1], w[2], 0, 0}, {0, w[0], w[1], w[2]}};
            const int32_t cells = stride == 1 ? DEPTHWISE_CELLS_S1 : DEPTHWISE_CELLS_S2;
            for (int32_t k = 0; k < cells; k++, cell += cell_bytes(packing)) {
                const int8_t *taps = stride == 1 ? s1[k] : s2[k];
                for (int32_t e = 0; e < 4; e++)
                    put_weight(packing, cell, c % TSR_BLOCK, e, taps[e]);
            }
        }
        put_header(block, c, sum, params);
    }
}

void tsr_pack_stem3x3(
    tsr_packing packing, int32_t channels, const int8_t *weights, const tsr_channel_params *params, void *packed
) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(packing);
    memset(packed, 0, (size_t)blocks_of(channels) * block_bytes);
    for (int32_t c = 0; c < channels; c++) {
        uint8_t *block = (uint8_t *)packed + (size_t)(c / TSR_BLOCK) * block_bytes;
        int32_t sum = 0;
        for (int32_t i = 0; i < 3; i++) {
            for (int32_t byte = 0; byte < 9; byte++) { // three neighbours of three colours, contiguous in the picture
                int8_t w = weights[(size_t)c * 27 + (size_t)(9 * i + byte)];
                sum += w;
                if (is_tight(packing)) {
                    const int32_t at = byte < 8 ? 8 * i + byte : 24 + i;
                    put_run_weight(packing, block, at / 4, c % TSR_BLOCK, at % 4, w);
                } else {
                    put_run_weight(packing, block, 3 * i + byte / 4, c % TSR_BLOCK, byte % 4, w);
                }
            }
        }
        put_header(block, c, sum, params);
    }
}
