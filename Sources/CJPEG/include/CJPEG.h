// CJPEG: libjpeg behind plain functions. libjpeg reports errors by longjmp, which Swift frames must never see, and its
// API is macros over structs; so both stay inside this module. No policy on sizes beyond the limits below, no
// resizing.
#ifndef TSR_CJPEG_H
#define TSR_CJPEG_H

#include <stddef.h>
#include <stdint.h>

enum {
    TSR_JPEG_SIDE_MAX = 16384,      // pixels
    TSR_JPEG_PIXELS_MAX = 64 << 20, // pixels
    TSR_JPEG_SCANS_BYTES_MAX =
        96 << 20,               // of a picture that comes in several scans, and so waits in memory as coefficients
    TSR_JPEG_MESSAGE_MAX = 200, // bytes, as JMSG_LENGTH_MAX
};

typedef enum {
    TSR_JPEG_OK = 0,
    TSR_JPEG_CORRUPT = 1,     // not a JPEG, damaged or cut short
    TSR_JPEG_TOO_LARGE = 2,   // beyond the limits above, or more scans than any honest file has
    TSR_JPEG_UNSUPPORTED = 3, // CMYK, YCCK, 12 bits, lossless
    TSR_JPEG_NO_MEMORY = 4,
} tsr_jpeg_status;

typedef struct tsr_jpeg_decoder tsr_jpeg_decoder;

// One decoder serves one thread, for any number of pictures. create returns NULL when there is no memory.
tsr_jpeg_decoder *tsr_jpeg_create(void);
void tsr_jpeg_destroy(tsr_jpeg_decoder *decoder);

// libjpeg's words on the last call that did not return TSR_JPEG_OK; lives until the next call.
const char *tsr_jpeg_message(const tsr_jpeg_decoder *decoder);

// Reads the header. `bytes` must stay until the picture is finished or given up (the next call of this function).
tsr_jpeg_status tsr_jpeg_begin(
    tsr_jpeg_decoder *decoder, const uint8_t *bytes, size_t count, int32_t *ret_width, int32_t *ret_height
);

// Starts decoding to RGB, or to luma alone when `grey` is not 0, at 1/denominator (1, 2, 4 or 8) of the size: ceil(side
// / denominator) pixels. Only columns [x, x + width) are wanted; *ret_x <= x and *ret_width >= width + (x - *ret_x) are
// the columns that come, which equal those of a whole decode. *ret_rows is the height at this scale. A whole decode is
// x = 0 and width = INT32_MAX.
tsr_jpeg_status tsr_jpeg_start(
    tsr_jpeg_decoder *decoder, int32_t denominator, int32_t grey, int32_t x, int32_t width, int32_t *ret_x,
    int32_t *ret_width, int32_t *ret_rows
);

// Writes rows [y, y + rows) of the columns that come, 3 bytes R G B a pixel or one of luma, row r at
// rgb + (r - y) * stride; then decodes the rest without output, so that damage anywhere is found. `stride` is at least
// 3 (or 1) * *ret_width of start.
// `tolerance_rows`: damage is an error when it is met before this many rows of the whole picture came out; INT32_MAX
// makes every damage an error. (What stands where the data ends is libjpeg's grey filling.)
tsr_jpeg_status tsr_jpeg_rows(
    tsr_jpeg_decoder *decoder, int32_t y, int32_t rows, uint8_t *rgb, size_t stride, int32_t tolerance_rows
);

// Encodes RGB to a baseline 4:2:0 JPEG (4:4:4 when subsample is 0; one component from the first of each three bytes
// when grey is not 0). *ret_bytes is malloc'ed (free with tsr_jpeg_free), NULL on failure. For fixtures, not for the
// frame path.
tsr_jpeg_status tsr_jpeg_encode(
    const uint8_t *rgb, int32_t width, int32_t height, size_t stride, int32_t quality, int32_t subsample, int32_t grey,
    int32_t progressive, uint8_t **ret_bytes, size_t *ret_count
);
void tsr_jpeg_free(uint8_t *bytes);

#endif
