#include "errors.h"

#include <string.h>

#include <jerror.h>

_Static_assert(TSR_JPEG_MESSAGE_MAX >= JMSG_LENGTH_MAX, "libjpeg writes this much");

static void fail(j_common_ptr cinfo) {
    tsr_jpeg_errors *errors = (tsr_jpeg_errors *)cinfo->err;
    cinfo->err->format_message(cinfo, errors->message);
    switch (cinfo->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
        errors->status = TSR_JPEG_NO_MEMORY;
        break;
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
        errors->status = TSR_JPEG_UNSUPPORTED;
        break;
    case JERR_IMAGE_TOO_BIG:
        errors->status = TSR_JPEG_TOO_LARGE;
        break;
    default:
        errors->status = TSR_JPEG_CORRUPT;
    }
    longjmp(errors->escape, 1);
}

// Warnings that leave the picture whole: junk between segments (many webcams pad their frames so) and odd version
// numbers.
static int is_harmless(int code) {
    return code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM;
}

static void note(j_common_ptr cinfo, int level) {
    tsr_jpeg_errors *errors = (tsr_jpeg_errors *)cinfo->err;
    if (level >= 0 || is_harmless(cinfo->err->msg_code)) {
        return;
    }
    cinfo->err->num_warnings++;
    if (!errors->damaged) {
        errors->damaged = 1;
        cinfo->err->format_message(cinfo, errors->warning);
        errors->damaged_row = cinfo->is_decompressor ? (int32_t)((j_decompress_ptr)cinfo)->output_scanline : 0;
    }
}

static void stay_silent(j_common_ptr cinfo) { (void)cinfo; }

struct jpeg_error_mgr *tsr_jpeg_errors_init(tsr_jpeg_errors *errors) {
    memset(errors, 0, sizeof *errors);
    jpeg_std_error(&errors->base);
    errors->base.error_exit = fail;
    errors->base.emit_message = note;
    errors->base.output_message = stay_silent;
    return &errors->base;
}

void tsr_jpeg_errors_reset(tsr_jpeg_errors *errors) {
    errors->status = TSR_JPEG_OK;
    errors->message[0] = errors->warning[0] = 0;
    errors->damaged = 0;
    errors->damaged_row = 0;
    errors->base.num_warnings = 0;
}
