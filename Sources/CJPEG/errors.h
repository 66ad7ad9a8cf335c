// How libjpeg's errors come back: by longjmp to the one function of this module that is active, never further.
#ifndef TSR_CJPEG_ERRORS_H
#define TSR_CJPEG_ERRORS_H

#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

typedef struct {
    struct jpeg_error_mgr base; // first member: libjpeg's pointer to it is a pointer to this
    jmp_buf escape;
    tsr_jpeg_status status;
    char message[TSR_JPEG_MESSAGE_MAX];
    char warning[TSR_JPEG_MESSAGE_MAX]; // the first warning that means lost picture data
    int damaged;                        // 0 or 1: there was such a warning
    int32_t damaged_row;                // rows that had come out by then
} tsr_jpeg_errors;

// Fills in the functions and returns what goes to cinfo.err.
struct jpeg_error_mgr *tsr_jpeg_errors_init(tsr_jpeg_errors *errors);

// Forgets the last picture's errors.
void tsr_jpeg_errors_reset(tsr_jpeg_errors *errors);

#endif
