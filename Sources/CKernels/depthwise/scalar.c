// Depthwise 3x3, the plain formula on quads: the filter is read back from its packed cells. Normative; never optimised.
#include "tsr_kernels.h"

#include <string.h>

static uint8_t load(const uint8_t *row, int32_t x, int32_t lane) { // x may be -1 or the width
    const int32_t group = x < 0 ? -1 : x / TSR_GROUP;
    return row[group * TSR_CELL_BYTES + 4 * lane + (x - group * TSR_GROUP)];
}

// The row of three weights at filter row i, from the cell that holds (0, w0, w1, w2).
static const int8_t *filter_row(const uint8_t *block, int32_t stride, int32_t i, int32_t lane) {
    const int32_t cell = stride == 1 ? 6 * i + 3 : 3 * i + 2;
    return (const int8_t *)block + TSR_PACK_HEADER_BYTES + (size_t)cell * TSR_CELL_BYTES + 4 * lane + 1;
}

static void depthwise(const tsr_depthwise3x3_args *args, int32_t stride) {
    const size_t block_bytes = tsr_depthwise3x3_block_bytes(TSR_PACKING_DOT4, stride);
    for (int32_t y = 0; y < args->out_rows; y++) {
        const uint8_t *const *rows = args->rows + (size_t)(y * stride);
        for (int32_t b = 0; b < args->blocks; b++) {
            const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
            for (int32_t x = 0; x < TSR_GROUP * args->out_groups; x++) {
                for (int32_t lane = 0; lane < TSR_BLOCK; lane++) {
                    int32_t acc;
                    float m;
                    memcpy(&acc, block + 4 * lane, sizeof acc);
                    memcpy(&m, block + 64 + 4 * lane, sizeof m);
                    for (int32_t i = 0; i < 3; i++) {
                        const int8_t *w = filter_row(block, stride, i, lane);
                        const uint8_t *row = rows[i] + (size_t)b * args->block_stride;
                        for (int32_t j = 0; j < 3; j++) {
                            acc += (tsr_logical(load(row, x * stride + j - 1, lane)) + TSR_STORED_BIAS) * w[j];
                        }
                    }
                    uint8_t *group =
                        args->out + (size_t)y * args->out_row_stride + (size_t)(x / TSR_GROUP) * args->out_group_stride;
                    const int32_t run = 4 * b + lane / 4;
                    group[(size_t)run * 16 + (size_t)(x % TSR_GROUP) * 4 + (size_t)(lane % 4)] =
                        tsr_requantize(acc, m, args->output);
                }
            }
        }
    }
}

void tsr_depthwise3x3s1__scalar(const tsr_depthwise3x3_args *args) { depthwise(args, 1); }

void tsr_depthwise3x3s2__scalar(const tsr_depthwise3x3_args *args) { depthwise(args, 2); }
