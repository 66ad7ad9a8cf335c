// The pictures that the camera shows: JPEG files as they are, and the same as YUYV.
#ifndef USBCAMERA_PICTURES_H
#define USBCAMERA_PICTURES_H

#include <stddef.h>
#include <stdint.h>

enum { SIZES_MAX = 8, PICTURES_MAX = 256 };

struct picture {
    uint8_t *jpeg;
    size_t jpeg_bytes;
    uint8_t *yuyv; // width * height * 2 bytes
    int size;      // index into `sizes`
};

struct size {
    int width;
    int height;
};

extern struct size sizes[SIZES_MAX];
extern int size_count;
extern struct picture pictures[PICTURES_MAX];
extern int picture_count;

// Adds a JPEG file. Returns 0, or -1 with a line on stderr.
int load_picture(const char *path);

#endif
