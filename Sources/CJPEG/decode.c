// See CJPEG.h for the contracts. Every function that calls libjpeg sets the escape first and returns normally.
#include "errors.h"

#include <stdlib.h>
#include <string.h>

// More scans than any encoder makes: a small file with thousands of them over a large picture burns CPU for minutes.
enum { SCANS_MAX = 100 };

struct tsr_jpeg_decoder {
    struct jpeg_decompress_struct cinfo;
    struct jpeg_progress_mgr progress;
    tsr_jpeg_errors errors;
};

static tsr_jpeg_status refuse(tsr_jpeg_decoder *decoder, tsr_jpeg_status status, const char *message) {
    jpeg_abort_decompress(&decoder->cinfo);
    snprintf(decoder->errors.message, sizeof decoder->errors.message, "%s", message);
    return status;
}

static void watch_scans(j_common_ptr common) {
    j_decompress_ptr cinfo = (j_decompress_ptr)common;
    if (cinfo->input_scan_number > SCANS_MAX) {
        tsr_jpeg_errors *errors = (tsr_jpeg_errors *)cinfo->err;
        snprintf(errors->message, sizeof errors->message, "more than %d scans", SCANS_MAX);
        errors->status = TSR_JPEG_TOO_LARGE;
        longjmp(errors->escape, 1);
    }
}

// What libjpeg keeps of a picture until its last scan: 500 bytes of a file can ask for 400 MB.
static uint64_t coefficient_bytes(struct jpeg_decompress_struct *cinfo) {
    uint64_t blocks = 0;
    for (int i = 0; jpeg_has_multiple_scans(cinfo) && i < cinfo->num_components; i++) {
        blocks += (uint64_t)cinfo->comp_info[i].width_in_blocks * cinfo->comp_info[i].height_in_blocks;
    }
    return blocks * sizeof(JBLOCK);
}

tsr_jpeg_decoder *tsr_jpeg_create(void) {
    tsr_jpeg_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) {
        return NULL;
    }
    decoder->cinfo.err = tsr_jpeg_errors_init(&decoder->errors);
    if (setjmp(decoder->errors.escape)) {
        jpeg_destroy_decompress(&decoder->cinfo);
        free(decoder);
        return NULL;
    }
    jpeg_create_decompress(&decoder->cinfo);
    decoder->progress.progress_monitor = watch_scans;
    decoder->cinfo.progress = &decoder->progress;
    return decoder;
}

void tsr_jpeg_destroy(tsr_jpeg_decoder *decoder) {
    if (decoder != NULL) {
        jpeg_destroy_decompress(&decoder->cinfo); // frees memory only: never raises
        free(decoder);
    }
}

const char *tsr_jpeg_message(const tsr_jpeg_decoder *decoder) { return decoder->errors.message; }

tsr_jpeg_status tsr_jpeg_begin(
    tsr_jpeg_decoder *decoder, const uint8_t *bytes, size_t count, int32_t *ret_width, int32_t *ret_height
) {
    struct jpeg_decompress_struct *cinfo = &decoder->cinfo;
    tsr_jpeg_errors_reset(&decoder->errors);
    if (setjmp(decoder->errors.escape)) {
        jpeg_abort_decompress(cinfo);
        return decoder->errors.status;
    }
    jpeg_abort_decompress(cinfo); // whatever the last picture left
    if (count == 0) {
        return refuse(decoder, TSR_JPEG_CORRUPT, "Empty input");
    }
    jpeg_mem_src(cinfo, bytes, count);
    jpeg_read_header(cinfo, TRUE);
    if (cinfo->image_width > TSR_JPEG_SIDE_MAX || cinfo->image_height > TSR_JPEG_SIDE_MAX ||
        (uint64_t)cinfo->image_width * cinfo->image_height > TSR_JPEG_PIXELS_MAX) {
        return refuse(decoder, TSR_JPEG_TOO_LARGE, "Picture larger than 16384 pixels a side or 64 Mpixel");
    }
    if (coefficient_bytes(cinfo) > TSR_JPEG_SCANS_BYTES_MAX) {
        return refuse(
            decoder, TSR_JPEG_TOO_LARGE, "Progressive picture that takes more than 96 MiB; save it as baseline"
        );
    }
    switch (cinfo->jpeg_color_space) {
    case JCS_GRAYSCALE:
    case JCS_YCbCr:
    case JCS_RGB:
        break;
    default:
        return refuse(decoder, TSR_JPEG_UNSUPPORTED, "Colours are neither grey nor RGB (CMYK?)");
    }
    *ret_width = (int32_t)cinfo->image_width;
    *ret_height = (int32_t)cinfo->image_height;
    return TSR_JPEG_OK;
}

tsr_jpeg_status tsr_jpeg_start(
    tsr_jpeg_decoder *decoder, int32_t denominator, int32_t grey, int32_t x, int32_t width, int32_t *ret_x,
    int32_t *ret_width, int32_t *ret_rows
) {
    struct jpeg_decompress_struct *cinfo = &decoder->cinfo;
    if (setjmp(decoder->errors.escape)) {
        jpeg_abort_decompress(cinfo);
        return decoder->errors.status;
    }
    cinfo->scale_num = 1;
    cinfo->scale_denom = (unsigned)denominator;
    cinfo->out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB; // grey: chroma is parsed and not transformed
    cinfo->dct_method = JDCT_ISLOW; // with the next line: the pixels that every other decoder user gets
    cinfo->do_fancy_upsampling = TRUE;
    jpeg_start_decompress(cinfo);
    JDIMENSION whole = cinfo->output_width;
    *ret_x = 0;
    *ret_width = (int32_t)whole;
    *ret_rows = (int32_t)cinfo->output_height;

    // Smooth upsampling looks one chroma sample aside, so the outermost columns of a crop differ from those of a whole
    // decode: ask for two more blocks on each side. Crop only where columns are really saved.
    JDIMENSION margin = 2 * (JDIMENSION)(cinfo->max_h_samp_factor * cinfo->min_DCT_scaled_size);
    JDIMENSION first = (JDIMENSION)x > margin ? (JDIMENSION)x - margin : 0;
    JDIMENSION end = (uint64_t)x + (uint64_t)width + margin < whole ? (JDIMENSION)(x + width) + margin : whole;
    if (first < end && end - first < whole) {
        JDIMENSION count = end - first;
        jpeg_crop_scanline(cinfo, &first, &count);
        *ret_x = (int32_t)first;
        *ret_width = (int32_t)count;
    }
    return TSR_JPEG_OK;
}

tsr_jpeg_status tsr_jpeg_rows(
    tsr_jpeg_decoder *decoder, int32_t y, int32_t rows, uint8_t *rgb, size_t stride, int32_t tolerance_rows
) {
    struct jpeg_decompress_struct *cinfo = &decoder->cinfo;
    if (setjmp(decoder->errors.escape)) {
        jpeg_abort_decompress(cinfo);
        return decoder->errors.status;
    }
    JDIMENSION first = (JDIMENSION)y;
    JDIMENSION end = first + (JDIMENSION)rows;
    // As above: rows just after a skip lack the chroma above them, so decode some into the first row and forget them.
    JDIMENSION margin = 2 * (JDIMENSION)(cinfo->max_v_samp_factor * cinfo->min_DCT_scaled_size);
    if (first > 2 * margin) {
        jpeg_skip_scanlines(cinfo, first - margin);
    }
    while (cinfo->output_scanline < end) {
        JDIMENSION row = cinfo->output_scanline;
        JSAMPROW target = rgb + (row > first ? row - first : 0) * stride;
        jpeg_read_scanlines(cinfo, &target, 1);
    }
    if (end < cinfo->output_height) {
        jpeg_skip_scanlines(cinfo, cinfo->output_height - end);
    }
    jpeg_finish_decompress(cinfo);
    if (decoder->errors.damaged && decoder->errors.damaged_row < tolerance_rows) {
        memcpy(decoder->errors.message, decoder->errors.warning, sizeof decoder->errors.message);
        return TSR_JPEG_CORRUPT;
    }
    return TSR_JPEG_OK;
}
