// What the camera tells the host about itself: the descriptors of a UVC 1.0 webcam with one bulk endpoint.
#ifndef USBCAMERA_DESCRIPTORS_H
#define USBCAMERA_DESCRIPTORS_H

#include <stdint.h>

enum {
    ENDPOINT = 0x81,
    PAYLOAD_MAX = 16384, // bytes of one bulk transfer
    INTERVALS = 5,
    FORMAT_MJPEG = 1,
    FORMAT_YUYV = 2,
    FORMATS = 2,
    UNIT_PROCESSING = 2,
    INTERFACE_STREAMING = 1,
};

// Frame intervals on offer, in 100 ns: 30, 25, 15, 10 and 5 frames a second.
extern const uint32_t intervals[INTERVALS];

// Bytes of an uncompressed frame of one of `sizes`; the most that a JPEG may have.
uint32_t frame_bytes(int size);

// Each writes a descriptor to `out` (4 KiB) and returns its bytes, or -1 when there is none.
int device_descriptor(uint8_t *out);
int configuration_descriptor(uint8_t *out);
int string_descriptor(int index, uint8_t *out);

#endif
