// The pictures on their way: which is sent when, in which format, and how it is spoilt on demand. No USB here.
#ifndef USBCAMERA_STREAM_H
#define USBCAMERA_STREAM_H

#include <stdint.h>

// Faults that the next so many frames have.
enum fault { FAULT_TRUNCATE, FAULT_GARBAGE, FAULT_CORRUPT, FAULT_ERROR, FAULT_EMPTY, FAULTS };
extern int faults[FAULTS];
extern const char *const fault_names[FAULTS];

// The UVC probe and commit controls, 26 bytes each.
enum { PROBE_BYTES = 26 };
extern uint8_t probe[PROBE_BYTES];
extern uint8_t commit[PROBE_BYTES];

// Makes a control that the host sent into one that the camera can keep.
void negotiate(uint8_t *control);

void stream_start(void);
void stream_stop(void);
int stream_is_on(void);
// A paused stream sends nothing and says nothing.
void stream_pause(int on);

// Microseconds until the next frame begins; 0 when it is due, a second when there is none.
int64_t stream_wait_us(void);

// Writes the next payload of the current frame, header and all, and returns its bytes; 0 when none is due.
int stream_payload(uint8_t *out, int bytes_max);

int64_t now_us(void);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
