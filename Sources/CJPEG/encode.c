#include "errors.h"

#include <stdlib.h>

tsr_jpeg_status tsr_jpeg_encode(
    const uint8_t *rgb, int32_t width, int32_t height, size_t stride, int32_t quality, int32_t subsample, int32_t grey,
    int32_t progressive, uint8_t **ret_bytes, size_t *ret_count
) {
    struct jpeg_compress_struct cinfo = {0};
    tsr_jpeg_errors errors;
    // Changed between setjmp and longjmp, so not to be kept in registers.
    unsigned char *volatile row = NULL;
    unsigned char *bytes = NULL;
    unsigned long count = 0;
    cinfo.err = tsr_jpeg_errors_init(&errors);
    *ret_bytes = NULL;
    *ret_count = 0;
    if (setjmp(errors.escape)) {
        jpeg_destroy_compress(&cinfo);
        free(row);
        return errors.status;
    }
    jpeg_create_compress(&cinfo);
    jpeg_mem_dest(&cinfo, &bytes, &count);
    cinfo.image_width = (JDIMENSION)width;
    cinfo.image_height = (JDIMENSION)height;
    cinfo.input_components = grey ? 1 : 3;
    cinfo.in_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&cinfo);
    jpeg_set_quality(&cinfo, quality, TRUE);
    if (!grey && !subsample) {
        cinfo.comp_info[0].h_samp_factor = cinfo.comp_info[0].v_samp_factor = 1;
    }
    if (progressive) {
        jpeg_simple_progression(&cinfo);
    }
    row = malloc((size_t)width * 3);
    if (row == NULL) {
        jpeg_destroy_compress(&cinfo);
        return TSR_JPEG_NO_MEMORY;
    }
    jpeg_start_compress(&cinfo, TRUE);
    while (cinfo.next_scanline < cinfo.image_height) {
        const uint8_t *source = rgb + cinfo.next_scanline * stride;
        size_t components = grey ? 1 : 3;
        for (size_t x = 0; x < (size_t)width; x++) {
            for (size_t c = 0; c < components; c++) {
                row[x * components + c] = source[3 * x + c];
            }
        }
        JSAMPROW line = row;
        jpeg_write_scanlines(&cinfo, &line, 1);
    }
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    free(row);
    *ret_bytes = bytes;
    *ret_count = count;
    return TSR_JPEG_OK;
}

void tsr_jpeg_free(uint8_t *bytes) { free(bytes); }
