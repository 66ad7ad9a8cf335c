// Pointwise convolution, the plain formula. Normative; never optimised.
#include "tsr_kernels.h"

#include <string.h>

static uint8_t load(const tsr_pixels *in, int32_t r, int32_t x, int32_t k) {
    return in->data
        [(size_t)r * in->row_stride + (size_t)(x / TSR_GROUP) * in->group_stride +
         (size_t)(x % TSR_GROUP) * in->pixel_stride + (size_t)(k / 4) * in->run_stride + (size_t)(k % 4)];
}

// The accumulator of output channel `lane` of a packed block, and its multiplier.
static int32_t accumulate(
    const tsr_pixels *in, int32_t r, int32_t x, const uint8_t *block, int32_t lane, float *ret_multiplier
) {
    int32_t acc;
    memcpy(&acc, block + 4 * lane, sizeof acc);
    memcpy(ret_multiplier, block + 64 + 4 * lane, sizeof *ret_multiplier);
    const int8_t *cells = (const int8_t *)block + TSR_PACK_HEADER_BYTES;
    for (int32_t k = 0; k < 4 * in->runs; k++) {
        int32_t w = cells[(size_t)(k / 4) * TSR_CELL_BYTES + (size_t)(4 * lane + k % 4)];
        acc += (tsr_logical(load(in, r, x, k)) + TSR_STORED_BIAS) * w;
    }
    return acc;
}

void tsr_pointwise_quads__scalar(const tsr_pointwise_quads_args *args) {
    const tsr_pixels *in = &args->in;
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, in->runs);
    const int32_t slots = (in->width + TSR_GROUP - 1) / TSR_GROUP * TSR_GROUP;
    for (int32_t r = 0; r < in->rows; r++) {
        for (int32_t b = 0; b < args->blocks; b++) {
            const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
            uint8_t *out = args->out_rows[r] + (size_t)b * args->out_block_stride;
            for (int32_t x = 0; x < slots; x++) {
                for (int32_t lane = 0; lane < TSR_BLOCK; lane++) {
                    uint8_t q = tsr_stored(args->output.zero_point);
                    if (x < in->width) {
                        float m;
                        int32_t acc = accumulate(in, r, x, block, lane, &m);
                        q = tsr_requantize(acc, m, args->output);
                    }
                    out[(x / TSR_GROUP) * TSR_CELL_BYTES + 4 * lane + x % TSR_GROUP] = q;
                }
            }
        }
    }
}

void tsr_pointwise_pixels__scalar(const tsr_pointwise_pixels_args *args) {
    const tsr_pixels *in = &args->in;
    const size_t block_bytes = tsr_pointwise_block_bytes(TSR_PACKING_DOT4, in->runs);
    for (int32_t r = 0; r < in->rows; r++) {
        for (int32_t x = 0; x < in->width; x++) {
            const size_t pixel = (size_t)r * args->out_row_stride + (size_t)x * args->out_pixel_stride;
            for (int32_t c = 0; c < args->channels; c++) {
                const uint8_t *block = (const uint8_t *)args->weights + (size_t)(c / TSR_BLOCK) * block_bytes;
                float m;
                int32_t acc = accumulate(in, r, x, block, c % TSR_BLOCK, &m);
                args->out[pixel + (size_t)c] = args->skip == NULL
                                                   ? tsr_requantize(acc, m, args->output)
                                                   : tsr_requantize_skip(
                                                         acc, m, args->skip[pixel + (size_t)c], args->skip_zero_point,
                                                         args->skip_multiplier, args->output
                                                     );
            }
        }
    }
}
