#include "stream.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "descriptors.h"
#include "pictures.h"

int faults[FAULTS];
const char *const fault_names[FAULTS] = {"truncate", "garbage", "corrupt", "error", "empty"};
uint8_t probe[PROBE_BYTES];
uint8_t commit[PROBE_BYTES];

static int is_on, is_paused;
static int frame_id; // flips from frame to frame
static int next_picture;
static uint8_t *current;
static size_t current_bytes, current_sent;
static int current_is_open, current_is_bad;
static int64_t due_us;
static unsigned frames_sent;

int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

void say(const char *format, ...) {
    va_list arguments;
    printf("usbcamera %.3f ", (double)now_us() / 1e6);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

static uint32_t get32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void set32(uint8_t *bytes, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(value >> 8 * i);
    }
}

void negotiate(uint8_t *control) {
    if (control[2] < 1 || control[2] > FORMATS) {
        control[2] = FORMAT_MJPEG;
    }
    if (control[3] < 1 || control[3] > size_count) {
        control[3] = 1;
    }
    int64_t wanted = get32(control + 4);
    uint32_t best = intervals[0];
    for (int i = 1; i < INTERVALS; i++) {
        if (llabs(intervals[i] - wanted) < llabs(best - wanted)) {
            best = intervals[i];
        }
    }
    set32(control + 4, best);
    set32(control + 18, frame_bytes(control[3] - 1));
    set32(control + 22, PAYLOAD_MAX);
}

static int64_t interval_us(void) { return get32(commit + 4) / 10; }

void stream_start(void) {
    if (is_on) {
        return;
    }
    is_on = 1;
    current_is_open = 0;
    frames_sent = 0;
    due_us = now_us();
    const struct size *size = &sizes[commit[3] - 1];
    const char *format = commit[2] == FORMAT_MJPEG ? "MJPEG" : "YUYV";
    say("stream on: %s %dx%d every %d us", format, size->width, size->height, (int)interval_us());
}

void stream_stop(void) {
    if (is_on) {
        say("stream off after %u frames", frames_sent);
    }
    is_on = current_is_open = 0;
}

int stream_is_on(void) { return is_on; }

void stream_pause(int on) {
    is_paused = on;
    due_us = now_us();
}

int64_t stream_wait_us(void) {
    if (!is_on || is_paused) {
        return 1000000;
    }
    int64_t wait = due_us - now_us();
    return wait > 0 ? wait : 0;
}

static void fill_with_noise(size_t from, size_t to) {
    for (size_t i = from; i < to && i < current_bytes; i++) {
        current[i] = (uint8_t)(rand() >> 7);
    }
}

static int take(enum fault fault) { return faults[fault] > 0 ? faults[fault]-- > 0 : 0; }

static void open_frame(void) {
    const struct picture *picture = NULL;
    for (int tries = 0; tries < picture_count && picture == NULL; tries++) {
        const struct picture *candidate = &pictures[next_picture++ % picture_count];
        picture = candidate->size == commit[3] - 1 ? candidate : NULL;
    }
    if (picture == NULL) {
        return;
    }
    int is_jpeg = commit[2] == FORMAT_MJPEG;
    current_bytes = is_jpeg ? picture->jpeg_bytes : frame_bytes(picture->size);
    current = realloc(current, current_bytes);
    memcpy(current, is_jpeg ? picture->jpeg : picture->yuyv, current_bytes);
    if (take(FAULT_TRUNCATE)) {
        current_bytes /= 2;
    }
    if (take(FAULT_GARBAGE)) {
        fill_with_noise(0, current_bytes);
    }
    if (take(FAULT_CORRUPT)) {
        fill_with_noise(current_bytes / 3, current_bytes / 3 + 64);
    }
    if (take(FAULT_EMPTY)) {
        current_bytes = 0;
    }
    current_is_bad = take(FAULT_ERROR);
    current_sent = 0;
    current_is_open = 1;
    frame_id ^= 1;
}

int stream_payload(uint8_t *out, int bytes_max) {
    if (!is_on || is_paused || bytes_max < 3) {
        return 0;
    }
    int64_t now = now_us();
    if (!current_is_open && now >= due_us) {
        open_frame();
        due_us += interval_us();
        if (due_us < now) { // the host was too slow: no catching up in a burst
            due_us = now;
        }
    }
    if (!current_is_open) {
        return 0;
    }
    size_t count = current_bytes - current_sent;
    if (count > (size_t)bytes_max - 2) {
        count = (size_t)bytes_max - 2;
    }
    int is_last = current_sent + count == current_bytes;
    out[0] = 2; // bytes of this header
    out[1] = (uint8_t)(0x80 | frame_id | (is_last ? 2 : 0) | (current_is_bad ? 0x40 : 0));
    memcpy(out + 2, current + current_sent, count);
    current_sent += count;
    if (is_last) {
        current_is_open = 0;
        frames_sent++;
    }
    return (int)count + 2;
}
