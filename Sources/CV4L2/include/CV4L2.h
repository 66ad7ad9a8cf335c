// CV4L2: the capture part of V4L2 through libv4l2, as plain functions over flat structs. Needed because VIDIOC_* are
// macros, v4l2_ioctl is variadic, and v4l2_buffer is full of unions. One kernel call a function, no state, no policy:
// retrying, choosing and error texts are Swift's. Functions return 0, or -1 with errno set.
#ifndef TSR_CV4L2_H
#define TSR_CV4L2_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    char driver[32];
    char card[64];
    char bus[64];
    int32_t can_capture; // single-planar video capture on this very node
    int32_t can_stream;
} tsr_v4l2_capability;

typedef struct {
    uint32_t fourcc;
    int32_t is_emulated; // libv4l2 converts to it in software
} tsr_v4l2_format_entry;

typedef struct {
    uint32_t width;  // pixels
    uint32_t height; // pixels
    uint32_t fourcc;
    uint32_t row_bytes; // 0 for compressed formats
    uint32_t image_bytes;
} tsr_v4l2_format;

typedef struct {
    uint32_t index;
    uint32_t bytes; // valid bytes, may be 0
    uint32_t sequence;
    int32_t is_bad;       // the driver marks the content as damaged
    int32_t is_monotonic; // timestamp_ns is CLOCK_MONOTONIC
    uint64_t timestamp_ns;
} tsr_v4l2_buffer;

// Non-blocking, close-on-exec. Returns the descriptor or -1; ENOTTY for something that is no V4L2 node.
int tsr_v4l2_open(const char *path);
int tsr_v4l2_close(int fd);

int tsr_v4l2_query(int fd, tsr_v4l2_capability *ret_capability);

// Format number `index`, from 0; EINVAL after the last.
int tsr_v4l2_format_at(int fd, uint32_t index, tsr_v4l2_format_entry *ret_entry);

// Asks for *format and stores what the driver really chose, which may be anything.
int tsr_v4l2_set_format(int fd, tsr_v4l2_format *format);

// Asks for numerator/denominator seconds a frame and stores what was chosen; ENOTTY or EINVAL where rates are fixed.
int tsr_v4l2_set_interval(int fd, uint32_t *numerator, uint32_t *denominator);

typedef struct {
    uint32_t width;              // pixels
    uint32_t height;             // pixels
    int32_t is_largest_of_range; // any size up to this one
} tsr_v4l2_size;

// Size number `index` of a format; EINVAL after the last.
int tsr_v4l2_size_at(int fd, uint32_t fourcc, uint32_t index, tsr_v4l2_size *ret_size);

// Frame interval number `index` of a format and size, in numerator/denominator seconds (of a range: the shortest);
// EINVAL after the last.
int tsr_v4l2_interval_at(
    int fd, uint32_t fourcc, uint32_t width, uint32_t height, uint32_t index, uint32_t *ret_numerator,
    uint32_t *ret_denominator
);

typedef enum {
    TSR_V4L2_EXPOSURE_IS_AUTOMATIC, // 0 or 1
    TSR_V4L2_EXPOSURE_STEPS,        // 100 microseconds each
    TSR_V4L2_WHITE_BALANCE_IS_AUTOMATIC,
    TSR_V4L2_WHITE_BALANCE_KELVIN,
    TSR_V4L2_POWER_LINE, // 0 off, 1 50 Hz, 2 60 Hz, 3 automatic
} tsr_v4l2_control;

// EINVAL when the camera has no such control, ERANGE for a value it cannot take.
int tsr_v4l2_set_control(int fd, tsr_v4l2_control control, int32_t value);

// Makes poll report POLLPRI when the picture changes its form. ENOTTY or EINVAL where the driver has no such events.
int tsr_v4l2_watch_format(int fd);

// Takes all waiting events. Returns 1 when one of them says that the picture has another form, else 0.
int tsr_v4l2_format_has_changed(int fd);

// Asks for *count buffers in the driver's memory (0 gives them back) and stores how many there are.
int tsr_v4l2_request(int fd, uint32_t *count);

int tsr_v4l2_map(int fd, uint32_t index, void **ret_memory, size_t *ret_bytes);
int tsr_v4l2_unmap(void *memory, size_t bytes);

int tsr_v4l2_queue(int fd, uint32_t index);
int tsr_v4l2_dequeue(int fd, tsr_v4l2_buffer *ret_buffer);
int tsr_v4l2_stream(int fd, int on);

#endif
