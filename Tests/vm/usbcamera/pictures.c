#include "pictures.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

struct size sizes[SIZES_MAX];
int size_count;
struct picture pictures[PICTURES_MAX];
int picture_count;

struct escape {
    struct jpeg_error_mgr base;
    jmp_buf point;
};

static void give_up(j_common_ptr common) { longjmp(((struct escape *)common->err)->point, 1); }

static int size_index(int width, int height) {
    for (int i = 0; i < size_count; i++) {
        if (sizes[i].width == width && sizes[i].height == height) {
            return i;
        }
    }
    if (size_count == SIZES_MAX) {
        return -1;
    }
    sizes[size_count] = (struct size){width, height};
    return size_count++;
}

static int read_file(const char *path, struct picture *picture) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return -1;
    }
    fseek(file, 0, SEEK_END);
    picture->jpeg_bytes = (size_t)ftell(file);
    rewind(file);
    picture->jpeg = malloc(picture->jpeg_bytes);
    size_t got = fread(picture->jpeg, 1, picture->jpeg_bytes, file);
    fclose(file);
    return got == picture->jpeg_bytes ? 0 : -1;
}

// Chroma of each pair of pixels is their mean.
static void write_yuyv(const uint8_t *ycc, int width, uint8_t *out) {
    for (int x = 0; x + 1 < width; x += 2, ycc += 6, out += 4) {
        out[0] = ycc[0];
        out[1] = (uint8_t)((ycc[1] + ycc[4] + 1) / 2);
        out[2] = ycc[3];
        out[3] = (uint8_t)((ycc[2] + ycc[5] + 1) / 2);
    }
}

int load_picture(const char *path) {
    struct picture picture = {0};
    struct jpeg_decompress_struct decoder;
    struct escape escape;
    if (picture_count == PICTURES_MAX || read_file(path, &picture) != 0) {
        fprintf(stderr, "usbcamera: cannot read %s\n", path);
        return -1;
    }
    decoder.err = jpeg_std_error(&escape.base);
    escape.base.error_exit = give_up;
    if (setjmp(escape.point)) {
        fprintf(stderr, "usbcamera: not a JPEG: %s\n", path);
        jpeg_destroy_decompress(&decoder);
        return -1;
    }
    jpeg_create_decompress(&decoder);
    jpeg_mem_src(&decoder, picture.jpeg, picture.jpeg_bytes);
    jpeg_read_header(&decoder, TRUE);
    decoder.out_color_space = JCS_YCbCr;
    jpeg_start_decompress(&decoder);
    int width = (int)decoder.output_width;
    int height = (int)decoder.output_height;
    picture.size = size_index(width, height);
    if (picture.size < 0) {
        fprintf(stderr, "usbcamera: too many sizes: %s\n", path);
        jpeg_destroy_decompress(&decoder);
        return -1;
    }
    uint8_t *row = malloc((size_t)width * 3);
    picture.yuyv = malloc((size_t)width * (size_t)height * 2);
    while (decoder.output_scanline < decoder.output_height) {
        uint8_t *target = picture.yuyv + (size_t)decoder.output_scanline * (size_t)width * 2;
        JSAMPROW line = row;
        jpeg_read_scanlines(&decoder, &line, 1);
        write_yuyv(row, width, target);
    }
    jpeg_finish_decompress(&decoder);
    jpeg_destroy_decompress(&decoder);
    free(row);
    pictures[picture_count++] = picture;
    return 0;
}
