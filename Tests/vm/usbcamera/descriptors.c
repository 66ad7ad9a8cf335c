// USB Device Class Definition for Video Devices 1.0, sections 3 and 4; "Frame Based" and "Uncompressed" payload
// documents.
#include "descriptors.h"

#include <string.h>

#include "pictures.h"

const uint32_t intervals[INTERVALS] = {333333, 400000, 666666, 1000000, 2000000};

// Appends to one descriptor set.
struct writer {
    uint8_t *out;
    int count;
};

static void put(struct writer *writer, int value) { writer->out[writer->count++] = (uint8_t)value; }

static void put_bytes(struct writer *writer, int count, const uint8_t *bytes) {
    memcpy(writer->out + writer->count, bytes, (size_t)count);
    writer->count += count;
}

#define PUT(writer, ...) put_bytes(writer, (int)sizeof((const uint8_t[]){__VA_ARGS__}), (const uint8_t[]){__VA_ARGS__})

static void put16(struct writer *writer, int value) {
    put(writer, value & 255);
    put(writer, value >> 8 & 255);
}

static void put32(struct writer *writer, uint32_t value) {
    put16(writer, (int)(value & 0xffff));
    put16(writer, (int)(value >> 16));
}

static void set16(uint8_t *out, int value) {
    out[0] = (uint8_t)value;
    out[1] = (uint8_t)(value >> 8);
}

uint32_t frame_bytes(int size) { return (uint32_t)sizes[size].width * (uint32_t)sizes[size].height * 2; }

// One frame descriptor a size, then the colour matching descriptor.
static void put_frames(struct writer *writer, int subtype) {
    for (int size = 0; size < size_count; size++) {
        PUT(writer, 26 + 4 * INTERVALS, 0x24, subtype, size + 1, 0);
        put16(writer, sizes[size].width);
        put16(writer, sizes[size].height);
        put32(writer, frame_bytes(size) * 8 * 5);  // least bits a second
        put32(writer, frame_bytes(size) * 8 * 30); // most
        put32(writer, frame_bytes(size));
        put32(writer, intervals[0]);
        put(writer, INTERVALS);
        for (int i = 0; i < INTERVALS; i++) {
            put32(writer, intervals[i]);
        }
    }
    PUT(writer, 6, 0x24, 0x0d, 1, 1, 4);
}

static void put_control_interface(struct writer *writer) {
    PUT(writer, 9, 4, 0, 0, 0, 0x0e, 1, 0, 2);
    int start = writer->count;
    PUT(writer, 13, 0x24, 1, 0x00, 0x01, 0, 0); // header, UVC 1.0; its length follows below
    put32(writer, 48000000);
    PUT(writer, 1, INTERFACE_STREAMING);
    PUT(writer, 18, 0x24, 2, 1, 0x01, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0); // camera terminal
    PUT(writer, 11, 0x24, 5, UNIT_PROCESSING, 1, 0, 0, 2, 0x01, 0x04, 0);        // brightness, power line frequency
    PUT(writer, 9, 0x24, 3, 3, 0x01, 0x01, 0, UNIT_PROCESSING, 0);               // output terminal
    set16(writer->out + start + 5, writer->count - start);
}

static void put_streaming_interface(struct writer *writer) {
    static const uint8_t yuy2[16] = {'Y', 'U', 'Y', '2', 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71};
    PUT(writer, 9, 4, INTERFACE_STREAMING, 0, 1, 0x0e, 2, 0, 0);
    int start = writer->count;
    PUT(writer, 15, 0x24, 1, FORMATS, 0, 0, ENDPOINT, 0, 3, 0, 0, 0, 1, 0, 0);
    PUT(writer, 11, 0x24, 6, FORMAT_MJPEG, size_count, 0, 1, 0, 0, 0, 0);
    put_frames(writer, 7);
    PUT(writer, 27, 0x24, 4, FORMAT_YUYV, size_count);
    put_bytes(writer, sizeof yuy2, yuy2);
    PUT(writer, 16, 1, 0, 0, 0, 0);
    put_frames(writer, 5);
    set16(writer->out + start + 4, writer->count - start);
    PUT(writer, 7, 5, ENDPOINT, 2, 0x00, 0x02, 0); // bulk, 512 bytes a packet
}

int configuration_descriptor(uint8_t *out) {
    struct writer writer = {out, 0};
    PUT(&writer, 9, 2, 0, 0, 2, 1, 0, 0x80, 250);
    PUT(&writer, 8, 0x0b, 0, 2, 0x0e, 3, 0, 0); // the two interfaces belong together
    put_control_interface(&writer);
    put_streaming_interface(&writer);
    set16(out + 2, writer.count);
    return writer.count;
}

int device_descriptor(uint8_t *out) {
    // USB 2.0, ids of the Linux Foundation, serial number in string 3.
    static const uint8_t device[18] = {18, 1, 0, 2, 0xef, 2, 1, 64, 0x6b, 0x1d, 0x0c, 0x0c, 1, 1, 1, 2, 3, 1};
    memcpy(out, device, sizeof device);
    return sizeof device;
}

int string_descriptor(int index, uint8_t *out) {
    static const char *const strings[] = {NULL, "Tarsier", "Camera of files", "0001"};
    if (index == 0) {
        memcpy(out, "\4\3\x09\x04", 4); // English
        return 4;
    }
    if (index < 0 || index > 3) {
        return -1;
    }
    int count = (int)strlen(strings[index]);
    out[0] = (uint8_t)(2 + 2 * count);
    out[1] = 3;
    for (int i = 0; i < count; i++) {
        out[2 + 2 * i] = (uint8_t)strings[index][i];
        out[3 + 2 * i] = 0;
    }
    return out[0];
}
