// Dense layer, the plain formula. Normative; never optimised.
#include "tsr_kernels.h"

#include <string.h>

void tsr_dense__scalar(const tsr_dense_args *args) {
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, args->runs);
    for (int32_t c = 0; c < args->channels; c++) {
        const uint8_t *block = (const uint8_t *)args->weights + (size_t)(c / TSR_BLOCK) * block_bytes;
        const int32_t lane = c % TSR_BLOCK;
        const int8_t *cells = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
        int32_t acc;
        float m;
        memcpy(&acc, block + 4 * lane, sizeof acc);
        memcpy(&m, block + 64 + 4 * lane, sizeof m);
        for (int32_t k = 0; k < 4 * args->runs; k++) {
            int32_t w = cells[(size_t)(k / 4) * TSR_CELL_BYTES + (size_t)(4 * lane + k % 4)];
            acc += (tsr_logical(args->in[k]) + TSR_STORED_BIAS) * w;
        }
        args->out[c] = (float)acc * m;
    }
}
