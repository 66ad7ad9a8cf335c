// First convolution on camera pixels, the plain formula. Normative; never optimised.
#include "tsr_kernels.h"

#include <string.h>

static int32_t accumulate(const uint8_t *const rows[3], int32_t x, const uint8_t *block, int32_t lane) {
    int32_t acc;
    memcpy(&acc, block + 4 * lane, sizeof acc);
    const int8_t *cells = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    for (int32_t i = 0; i < 3; i++) {
        for (int32_t byte = 0; byte < 9; byte++) {
            int32_t w = cells[(size_t)(3 * i + byte / 4) * TSR_CELL_BYTES + (size_t)(4 * lane + byte % 4)];
            acc += ((int32_t)rows[i][6 * x + byte] - 128 + TSR_STORED_BIAS) * w;
        }
    }
    return acc;
}

void tsr_stem3x3__scalar(const tsr_stem3x3_args *args) {
    const size_t block_bytes = tsr_stem3x3_block_bytes(TSR_PACKING_DOT4);
    const int32_t slots = (args->out_width + TSR_GROUP - 1) / TSR_GROUP * TSR_GROUP;
    for (int32_t y = 0; y < args->out_height; y++) {
        for (int32_t b = 0; b < args->blocks; b++) {
            const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
            uint8_t *out = args->out_rows[y] + (size_t)b * args->out_block_stride;
            for (int32_t x = 0; x < slots; x++) {
                for (int32_t lane = 0; lane < TSR_BLOCK; lane++) {
                    uint8_t q = tsr_stored(args->output.zero_point);
                    if (x < args->out_width) {
                        float m;
                        memcpy(&m, block + 64 + 4 * lane, sizeof m);
                        q = tsr_requantize(accumulate(args->rows + 2 * y, x, block, lane), m, args->output);
                    }
                    out[(x / TSR_GROUP) * TSR_CELL_BYTES + 4 * lane + x % TSR_GROUP] = q;
                }
            }
        }
    }
}
