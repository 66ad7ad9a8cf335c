// Pixels into quads with a four-way interleaving store: four pixels' 16 channels make one cell.
#if defined(__aarch64__)

#include "../arm/requant.h"
#include "tsr_kernels.h"

// The 16 channels of a pixel from `first` on; those from `channels` on hold the zero point.
static uint8x16_t load_block(const uint8_t *pixel, int32_t first, int32_t channels, uint8x16_t zero_point) {
    if (channels - first >= TSR_BLOCK) return vld1q_u8(pixel + first);
    uint8_t padded[TSR_BLOCK];
    vst1q_u8(padded, zero_point);
    if (channels > first) memcpy(padded, pixel + first, (size_t)(channels - first));
    return vld1q_u8(padded);
}

void tsr_interleave__neon(const tsr_interleave_args *args) {
    const tsr_pixels *in = &args->in;
    const uint8x16_t zero_point = vdupq_n_u8(tsr_stored(args->zero_point));
    for (int32_t r = 0; r < in->rows; r++) {
        for (int32_t b = 0; b < args->blocks; b++) {
            uint8_t *cell = args->out_rows[r] + (size_t)b * args->out_block_stride;
            const uint8_t *group = in->data + (size_t)r * in->row_stride;
            for (int32_t x = 0; x < in->width; x += TSR_GROUP, cell += TSR_CELL_BYTES, group += in->group_stride) {
                uint8x16x4_t pixels;
                for (int32_t p = 0; p < TSR_GROUP; p++) {
                    const uint8_t *pixel = group + (size_t)p * in->pixel_stride;
                    pixels.val[p] =
                        x + p < in->width ? load_block(pixel, b * TSR_BLOCK, args->channels, zero_point) : zero_point;
                }
                vst4q_u8(cell, pixels);
            }
        }
    }
}

#endif
