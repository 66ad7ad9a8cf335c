// See CV4L2.h for the contracts.
#include "CV4L2.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <libv4l2.h>
#include <linux/videodev2.h>

int tsr_v4l2_open(const char *path) {
    // libv4l2 prints a complaint of its own about a node that is no V4L2 device (major 81), so do not show it one.
    struct stat status;
    if (stat(path, &status) == 0 && (!S_ISCHR(status.st_mode) || major(status.st_rdev) != 81)) {
        errno = ENOTTY;
        return -1;
    }
    // libv4l2 prints each failed call to stderr unless it has a log file; we report errors ourselves, once.
    if (v4l2_log_file == NULL) {
        v4l2_log_file = fopen("/dev/null", "we");
    }
    return v4l2_open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

int tsr_v4l2_close(int fd) { return v4l2_close(fd); }

int tsr_v4l2_query(int fd, tsr_v4l2_capability *ret_capability) {
    struct v4l2_capability raw = {0};
    if (v4l2_ioctl(fd, VIDIOC_QUERYCAP, &raw) != 0) {
        return -1;
    }
    // device_caps is about this node, capabilities about the whole device (which may have a metadata node as well).
    uint32_t caps = raw.capabilities & V4L2_CAP_DEVICE_CAPS ? raw.device_caps : raw.capabilities;
    memset(ret_capability, 0, sizeof *ret_capability);
    snprintf(ret_capability->driver, sizeof ret_capability->driver, "%.16s", (const char *)raw.driver);
    snprintf(ret_capability->card, sizeof ret_capability->card, "%.32s", (const char *)raw.card);
    snprintf(ret_capability->bus, sizeof ret_capability->bus, "%.32s", (const char *)raw.bus_info);
    ret_capability->can_capture = (caps & V4L2_CAP_VIDEO_CAPTURE) != 0;
    ret_capability->can_stream = (caps & V4L2_CAP_STREAMING) != 0;
    return 0;
}

int tsr_v4l2_format_at(int fd, uint32_t index, tsr_v4l2_format_entry *ret_entry) {
    struct v4l2_fmtdesc raw = {.index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    if (v4l2_ioctl(fd, VIDIOC_ENUM_FMT, &raw) != 0) {
        return -1;
    }
    ret_entry->fourcc = raw.pixelformat;
    ret_entry->is_emulated = (raw.flags & V4L2_FMT_FLAG_EMULATED) != 0;
    return 0;
}

int tsr_v4l2_set_format(int fd, tsr_v4l2_format *format) {
    struct v4l2_format raw = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    raw.fmt.pix.width = format->width;
    raw.fmt.pix.height = format->height;
    raw.fmt.pix.pixelformat = format->fourcc;
    raw.fmt.pix.field = V4L2_FIELD_ANY;
    if (v4l2_ioctl(fd, VIDIOC_S_FMT, &raw) != 0) {
        return -1;
    }
    format->width = raw.fmt.pix.width;
    format->height = raw.fmt.pix.height;
    format->fourcc = raw.fmt.pix.pixelformat;
    format->row_bytes = raw.fmt.pix.bytesperline;
    format->image_bytes = raw.fmt.pix.sizeimage;
    return 0;
}

int tsr_v4l2_set_interval(int fd, uint32_t *numerator, uint32_t *denominator) {
    struct v4l2_streamparm raw = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    raw.parm.capture.timeperframe.numerator = *numerator;
    raw.parm.capture.timeperframe.denominator = *denominator;
    if (v4l2_ioctl(fd, VIDIOC_S_PARM, &raw) != 0) {
        return -1;
    }
    *numerator = raw.parm.capture.timeperframe.numerator;
    *denominator = raw.parm.capture.timeperframe.denominator;
    return 0;
}

int tsr_v4l2_size_at(int fd, uint32_t fourcc, uint32_t index, tsr_v4l2_size *ret_size) {
    struct v4l2_frmsizeenum raw = {.index = index, .pixel_format = fourcc};
    if (v4l2_ioctl(fd, VIDIOC_ENUM_FRAMESIZES, &raw) != 0) {
        return -1;
    }
    int is_discrete = raw.type == V4L2_FRMSIZE_TYPE_DISCRETE;
    ret_size->width = is_discrete ? raw.discrete.width : raw.stepwise.max_width;
    ret_size->height = is_discrete ? raw.discrete.height : raw.stepwise.max_height;
    ret_size->is_largest_of_range = !is_discrete;
    return 0;
}

int tsr_v4l2_interval_at(
    int fd, uint32_t fourcc, uint32_t width, uint32_t height, uint32_t index, uint32_t *ret_numerator,
    uint32_t *ret_denominator
) {
    struct v4l2_frmivalenum raw = {.index = index, .pixel_format = fourcc, .width = width, .height = height};
    if (v4l2_ioctl(fd, VIDIOC_ENUM_FRAMEINTERVALS, &raw) != 0) {
        return -1;
    }
    struct v4l2_fract interval = raw.type == V4L2_FRMIVAL_TYPE_DISCRETE ? raw.discrete : raw.stepwise.min;
    *ret_numerator = interval.numerator;
    *ret_denominator = interval.denominator;
    return 0;
}

int tsr_v4l2_set_control(int fd, tsr_v4l2_control control, int32_t value) {
    struct v4l2_control raw = {.value = value};
    switch (control) {
    case TSR_V4L2_EXPOSURE_IS_AUTOMATIC:
        raw.id = V4L2_CID_EXPOSURE_AUTO;
        raw.value = value ? V4L2_EXPOSURE_APERTURE_PRIORITY : V4L2_EXPOSURE_MANUAL;
        break;
    case TSR_V4L2_EXPOSURE_STEPS:
        raw.id = V4L2_CID_EXPOSURE_ABSOLUTE;
        break;
    case TSR_V4L2_WHITE_BALANCE_IS_AUTOMATIC:
        raw.id = V4L2_CID_AUTO_WHITE_BALANCE;
        break;
    case TSR_V4L2_WHITE_BALANCE_KELVIN:
        raw.id = V4L2_CID_WHITE_BALANCE_TEMPERATURE;
        break;
    case TSR_V4L2_POWER_LINE:
        raw.id = V4L2_CID_POWER_LINE_FREQUENCY;
        break;
    default:
        errno = EINVAL;
        return -1;
    }
    int result = v4l2_ioctl(fd, VIDIOC_S_CTRL, &raw);
    if (result != 0 && control == TSR_V4L2_EXPOSURE_IS_AUTOMATIC && value) {
        raw.value = V4L2_EXPOSURE_AUTO; // webcams know aperture priority, others this
        result = v4l2_ioctl(fd, VIDIOC_S_CTRL, &raw);
    }
    return result;
}

int tsr_v4l2_watch_format(int fd) {
    struct v4l2_event_subscription raw = {.type = V4L2_EVENT_SOURCE_CHANGE};
    return v4l2_ioctl(fd, VIDIOC_SUBSCRIBE_EVENT, &raw);
}

int tsr_v4l2_format_has_changed(int fd) {
    int has_changed = 0;
    struct v4l2_event raw;
    memset(&raw, 0, sizeof raw);
    while (v4l2_ioctl(fd, VIDIOC_DQEVENT, &raw) == 0) {
        has_changed |= raw.type == V4L2_EVENT_SOURCE_CHANGE;
        memset(&raw, 0, sizeof raw);
    }
    // Without events waiting the kernel says ENOENT; a device that is gone shows at the next buffer.
    return has_changed;
}

int tsr_v4l2_request(int fd, uint32_t *count) {
    struct v4l2_requestbuffers raw = {.count = *count, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    if (v4l2_ioctl(fd, VIDIOC_REQBUFS, &raw) != 0) {
        return -1;
    }
    *count = raw.count;
    return 0;
}

int tsr_v4l2_map(int fd, uint32_t index, void **ret_memory, size_t *ret_bytes) {
    struct v4l2_buffer raw = {.index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    if (v4l2_ioctl(fd, VIDIOC_QUERYBUF, &raw) != 0) {
        return -1;
    }
    void *memory = v4l2_mmap(NULL, raw.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, raw.m.offset);
    if (memory == MAP_FAILED) {
        return -1;
    }
    *ret_memory = memory;
    *ret_bytes = raw.length;
    return 0;
}

int tsr_v4l2_unmap(void *memory, size_t bytes) { return v4l2_munmap(memory, bytes); }

int tsr_v4l2_queue(int fd, uint32_t index) {
    struct v4l2_buffer raw = {.index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    return v4l2_ioctl(fd, VIDIOC_QBUF, &raw);
}

int tsr_v4l2_dequeue(int fd, tsr_v4l2_buffer *ret_buffer) {
    struct v4l2_buffer raw = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    if (v4l2_ioctl(fd, VIDIOC_DQBUF, &raw) != 0) {
        return -1;
    }
    ret_buffer->index = raw.index;
    ret_buffer->bytes = raw.bytesused;
    ret_buffer->sequence = raw.sequence;
    ret_buffer->is_bad = (raw.flags & V4L2_BUF_FLAG_ERROR) != 0;
    ret_buffer->is_monotonic = (raw.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    ret_buffer->timestamp_ns = (uint64_t)raw.timestamp.tv_sec * 1000000000 + (uint64_t)raw.timestamp.tv_usec * 1000;
    return 0;
}

int tsr_v4l2_stream(int fd, int on) {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    return v4l2_ioctl(fd, on ? VIDIOC_STREAMON : VIDIOC_STREAMOFF, &type);
}
