// The three layouts of activations between kernels. All hold stored bytes (tsr_requant.h).
//
// pixels   [row][pixel][channel], NHWC; the pixel stride is the channel count rounded up to 4. Between blocks.
//
// quads    what a depthwise layer reads. A row of W pixels is cut into G = ceil(W / 4) groups of four neighbours, the
//          channels into blocks of 16; one 64-byte cell holds a block of a group:
//              row:  block 0 [pad][group 0]...[group G-1][pad]   block 1 [pad][group 0]...   ...
//              cell: [16 channels][4 pixels]     so that a 32-bit lane is one channel's four neighbouring pixels
//          and a dot product of a lane with (w0, w1, w2, 0) is a row of a 3x3 filter. Row pointers point at group 0 of
//          block 0; group -1 and group G are readable and hold the zero point, and so do the slots of group G-1 beyond
//          the last pixel. `block_stride` is the distance between blocks: at least (G + 2) * 64.
//
// panel    what a projection reads after a depthwise layer: for each row and group of four pixels
//              [runs of four channels][4 pixels][4 channels]
//          16 bytes a run; a group takes 16 * runs bytes. Slots beyond the last pixel are written but mean nothing.
#ifndef TSR_LAYOUT_H
#define TSR_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define TSR_BLOCK 16        // channels in a block
#define TSR_GROUP 4         // pixels in a group
#define TSR_CELL_BYTES 64   // one block of one group
#define TSR_RUNS_LIMIT 6400 // runs of four inputs in a sum: 25600 products, channels times taps

// Input of a pointwise layer: pixels or panel, told apart by strides only.
//   byte of channel 4 * run + i of pixel x in row r:
//     data[r * row_stride + (x / 4) * group_stride + (x % 4) * pixel_stride + run * run_stride + i]
//   pixels: group_stride = 4 * pixel_stride, run_stride = 4.   panel: pixel_stride = 4, run_stride = 16.
typedef struct tsr_pixels {
    const uint8_t *data;
    size_t row_stride;   // bytes
    size_t group_stride; // bytes
    size_t pixel_stride; // bytes
    size_t run_stride;   // bytes
    int32_t rows;        // at least 1
    int32_t width;       // pixels in a row, at least 1
    int32_t runs;        // input channels / 4, rounded up, at most TSR_RUNS_LIMIT; the surplus meets zero weights
} tsr_pixels;

#endif
