// Pixels into quads, byte by byte. Normative; never optimised.
#include "tsr_kernels.h"

void tsr_interleave__scalar(const tsr_interleave_args *args) {
    const tsr_pixels *in = &args->in;
    const int32_t slots = (in->width + TSR_GROUP - 1) / TSR_GROUP * TSR_GROUP;
    for (int32_t r = 0; r < in->rows; r++) {
        for (int32_t b = 0; b < args->blocks; b++) {
            uint8_t *out = args->out_rows[r] + (size_t)b * args->out_block_stride;
            for (int32_t x = 0; x < slots; x++) {
                for (int32_t lane = 0; lane < TSR_BLOCK; lane++) {
                    const int32_t c = b * TSR_BLOCK + lane;
                    uint8_t q = tsr_stored(args->zero_point);
                    if (x < in->width && c < args->channels) {
                        q = in->data
                                [(size_t)r * in->row_stride + (size_t)(x / TSR_GROUP) * in->group_stride +
                                 (size_t)(x % TSR_GROUP) * in->pixel_stride + (size_t)c];
                    }
                    out[(x / TSR_GROUP) * TSR_CELL_BYTES + 4 * lane + x % TSR_GROUP] = q;
                }
            }
        }
    }
}
