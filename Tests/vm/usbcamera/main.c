// usbcamera FIFO FILE.jpg...: a USB webcam made of JPEG files, plugged into this machine's own kernel.
//
// Needs root and the module vhci_hcd, USB/IP's virtual host controller. This program is the USB device: it answers the
// transfers that vhci_hcd sends over a socket pair (Documentation/usb/usbip_protocol.rst of the kernel), so usbcore,
// uvcvideo and V4L2 run unchanged, and "unplug" is a real disconnect. It offers MJPEG (the files as they are) and YUYV
// at every size among the files. Commands, one a line, come through the FIFO:
//   plug | unplug       USB connect, disconnect
//   stall | resume      stays plugged in but sends nothing; goes on
//   halt                the endpoint reports a stall until the host clears it
//   truncate N          the next N frames are cut in half       garbage N   are noise
//   corrupt N           have noise in the middle                error N     carry the payload header's error bit
//   empty N             have no bytes                           quit
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "descriptors.h"
#include "pictures.h"
#include "stream.h"

// Header of every USB/IP message, big endian.
struct message {
    uint32_t command, sequence, device, direction, endpoint;
    union {
        struct {
            uint32_t flags;
            int32_t bytes, start_frame, packets, interval;
            uint8_t setup[8];
        } submit;
        struct {
            int32_t status, bytes, start_frame, packets, errors;
            uint8_t padding[8];
        } result;
        struct {
            uint32_t sequence;
            uint8_t padding[24];
        } unlink;
    };
};
_Static_assert(sizeof(struct message) == 48, "the protocol says so");
enum { SUBMIT = 1, UNLINK = 2, SUBMIT_RESULT = 3, UNLINK_RESULT = 4 };

// A bulk transfer that waits for picture data.
struct transfer {
    uint32_t sequence;
    int bytes;
};
enum { TRANSFERS_MAX = 64 };
static struct transfer waiting[TRANSFERS_MAX];
static int waiting_count;

static int host = -1; // our end of the socket pair; -1 while unplugged
static int is_halted;
static int brightness = 128, power_line = 1;

static void die(const char *what) {
    fprintf(stderr, "usbcamera: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int receive(void *target, size_t count) {
    for (char *at = target; count > 0;) {
        ssize_t got = recv(host, at, count, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return -1;
        }
        at += got;
        count -= (size_t)got;
    }
    return 0;
}

static void send_all(struct iovec *parts, int count) {
    while (count > 0) {
        ssize_t sent = writev(host, parts, count);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0) {
            return; // the host has gone: the next receive says so
        }
        while (count > 0 && (size_t)sent >= parts->iov_len) {
            sent -= (ssize_t)parts->iov_len;
            parts++;
            count--;
        }
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + sent;
            parts->iov_len -= (size_t)sent;
        }
    }
}

static void answer(uint32_t sequence, int status, const void *data, int bytes) {
    struct message message = {.command = htobe32(SUBMIT_RESULT), .sequence = htobe32(sequence)};
    message.result.status = (int32_t)htobe32((uint32_t)status);
    message.result.bytes = (int32_t)htobe32((uint32_t)bytes);
    struct iovec parts[2] = {{&message, sizeof message}, {(void *)data, (size_t)bytes}};
    send_all(parts, data != NULL && bytes > 0 ? 2 : 1);
}

static void forget(int index) {
    waiting_count--;
    memmove(waiting + index, waiting + index + 1, (size_t)(waiting_count - index) * sizeof *waiting);
}

// Hands out what is due of the stream.
static void pump(void) {
    static uint8_t payload[PAYLOAD_MAX];
    while (waiting_count > 0) {
        if (is_halted) {
            answer(waiting[0].sequence, -EPIPE, NULL, 0);
        } else {
            int limit = waiting[0].bytes < PAYLOAD_MAX ? waiting[0].bytes : PAYLOAD_MAX;
            int bytes = stream_payload(payload, limit);
            if (bytes == 0) {
                return;
            }
            answer(waiting[0].sequence, 0, payload, bytes);
        }
        forget(0);
    }
}

// A control of the processing unit: `bytes` wide, `most` its maximum. Returns the bytes of the answer, or -1.
static int unit_control(int request, uint8_t *data, int *value, int bytes, int most, int standard) {
    int result = 0;
    switch (request) {
    case 0x01: // SET_CUR
        *value = bytes == 2 ? data[0] | data[1] << 8 : data[0];
        return 0;
    case 0x81: // GET_CUR
        result = *value;
        break;
    case 0x82: // GET_MIN
        break;
    case 0x83: // GET_MAX
        result = most;
        break;
    case 0x84: // GET_RES
        result = 1;
        break;
    case 0x85: // GET_LEN
        result = bytes;
        bytes = 2;
        break;
    case 0x86: // GET_INFO: can be read and set
        data[0] = 3;
        return 1;
    case 0x87: // GET_DEF
        result = standard;
        break;
    default:
        return -1;
    }
    data[0] = (uint8_t)result;
    data[1] = (uint8_t)(result >> 8);
    return bytes;
}

static int streaming_control(int request, int selector, uint8_t *data, int bytes) {
    uint8_t *control = selector == 1 ? probe : commit;
    uint8_t proposal[PROBE_BYTES] = {0};
    switch (request) {
    case 0x01:
        memcpy(proposal, data, (size_t)(bytes < PROBE_BYTES ? bytes : PROBE_BYTES));
        negotiate(proposal);
        memcpy(control, proposal, PROBE_BYTES);
        if (selector == 2) { // a bulk stream begins with the commit
            stream_stop();
            stream_start();
        }
        return 0;
    case 0x85:
        data[0] = PROBE_BYTES;
        data[1] = 0;
        return 2;
    case 0x86:
        data[0] = 3;
        return 1;
    case 0x81:
    case 0x82:
    case 0x83:
    case 0x87:
        memcpy(data, control, PROBE_BYTES);
        return PROBE_BYTES;
    default:
        return -1;
    }
}

// One request on endpoint 0; `data` holds what came with it and takes the answer. Returns its bytes, or -1 to refuse.
static int control(const uint8_t *setup, uint8_t *data, int bytes) {
    int type = setup[0], request = setup[1], value = setup[2] | setup[3] << 8;
    int entity = setup[5], interface = setup[4], selector = value >> 8;
    if (type == 0x80 && request == 6) { // GET_DESCRIPTOR
        switch (value >> 8) {
        case 1:
            return device_descriptor(data);
        case 2:
            return configuration_descriptor(data);
        case 3:
            return string_descriptor(value & 255, data);
        default:
            return -1;
        }
    }
    if ((type & 0x80) != 0 && (type & 0x60) == 0 && (request == 0 || request == 8 || request == 10)) {
        data[0] = request == 8; // status, configuration 1, alternate setting 0
        data[1] = 0;
        return request == 0 ? 2 : 1;
    }
    if (type == 0x00 && request == 9) { // SET_CONFIGURATION
        return 0;
    }
    if (type == 0x01 && request == 11) { // SET_INTERFACE
        return 0;
    }
    if (type == 0x02 && request == 1) { // CLEAR_FEATURE(ENDPOINT_HALT): also the end of a bulk stream
        is_halted = 0;
        stream_stop();
        return 0;
    }
    if ((type & 0x7f) != 0x21) {
        return -1;
    }
    if (interface == INTERFACE_STREAMING && (selector == 1 || selector == 2)) {
        return streaming_control(request, selector, data, bytes);
    }
    if (interface == 0 && entity == UNIT_PROCESSING && selector == 2) {
        return unit_control(request, data, &brightness, 2, 255, 128);
    }
    if (interface == 0 && entity == UNIT_PROCESSING && selector == 5) {
        return unit_control(request, data, &power_line, 1, 2, 1);
    }
    return -1;
}

static int serve(void) {
    struct message message;
    static uint8_t data[65536];
    if (receive(&message, sizeof message) != 0) {
        return -1;
    }
    uint32_t sequence = be32toh(message.sequence);
    if (be32toh(message.command) == UNLINK) {
        struct message result = {.command = htobe32(UNLINK_RESULT), .sequence = message.sequence};
        for (int i = 0; i < waiting_count; i++) {
            if (waiting[i].sequence == be32toh(message.unlink.sequence)) {
                forget(i);
                result.result.status = (int32_t)htobe32((uint32_t)-ECONNRESET);
                break;
            }
        }
        struct iovec part = {&result, sizeof result};
        send_all(&part, 1);
        return 0;
    }
    int bytes = (int)be32toh((uint32_t)message.submit.bytes);
    int is_input = be32toh(message.direction) != 0;
    if (bytes < 0 || bytes > (int)sizeof data || (!is_input && bytes > 0 && receive(data, (size_t)bytes) != 0)) {
        return -1;
    }
    if (be32toh(message.endpoint) == 0) {
        int given = control(message.submit.setup, data, is_input ? 0 : bytes);
        if (given < 0) {
            answer(sequence, -EPIPE, NULL, 0);
        } else if (is_input) {
            answer(sequence, 0, data, given < bytes ? given : bytes);
        } else {
            answer(sequence, 0, NULL, bytes);
        }
    } else if (waiting_count == TRANSFERS_MAX) {
        answer(sequence, -ENOMEM, NULL, 0);
    } else {
        waiting[waiting_count++] = (struct transfer){sequence, bytes};
    }
    return 0;
}

static void plug(void) {
    int ends[2];
    if (host >= 0) {
        return;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        die("socketpair");
    }
    int file = open("/sys/devices/platform/vhci_hcd.0/attach", O_WRONLY | O_CLOEXEC);
    if (file < 0) {
        die("vhci_hcd (is the module loaded?)");
    }
    // Port 0, device 1.2, high speed.
    if (dprintf(file, "0 %d %d 3", ends[1], 0x00010002) < 0) {
        die("attach");
    }
    close(file);
    close(ends[1]);
    host = ends[0];
    is_halted = 0;
    memset(probe, 0, sizeof probe);
    negotiate(probe);
    memcpy(commit, probe, sizeof commit);
    say("plugged in");
}

static void unplug(void) {
    if (host < 0) {
        return;
    }
    stream_stop();
    waiting_count = 0;
    shutdown(host, SHUT_RDWR);
    close(host);
    host = -1;
    say("unplugged");
}

// Returns 1 for the last command.
static int obey(const char *line) {
    char word[16] = "";
    int count = 1;
    sscanf(line, "%15s %d", word, &count);
    say("command %s %d", word, count);
    for (int fault = 0; fault < FAULTS; fault++) {
        if (strcmp(word, fault_names[fault]) == 0) {
            faults[fault] = count;
            return 0;
        }
    }
    if (strcmp(word, "plug") == 0) {
        plug();
    } else if (strcmp(word, "unplug") == 0) {
        unplug();
    } else if (strcmp(word, "stall") == 0 || strcmp(word, "resume") == 0) {
        stream_pause(word[0] == 's');
    } else if (strcmp(word, "halt") == 0) {
        is_halted = 1;
    } else if (strcmp(word, "quit") == 0) {
        return 1;
    } else {
        say("unknown command %s", word);
    }
    return 0;
}

static int obey_all(int commands) {
    char buffer[4096];
    ssize_t got = read(commands, buffer, sizeof buffer - 1);
    buffer[got > 0 ? got : 0] = 0;
    char *rest = buffer;
    for (char *line = strtok_r(buffer, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        if (obey(line)) {
            return 1;
        }
    }
    return 0;
}

int main(int count, char **arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: usbcamera FIFO FILE.jpg...\n");
        return 64;
    }
    for (int i = 2; i < count; i++) {
        if (load_picture(arguments[i]) != 0) {
            return 65;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    unlink(arguments[1]);
    int commands = mkfifo(arguments[1], 0600) == 0 ? open(arguments[1], O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;
    if (commands < 0) {
        die(arguments[1]);
    }
    plug();
    for (int done = 0; !done;) {
        struct pollfd ready[2] = {{.fd = host, .events = POLLIN}, {.fd = commands, .events = POLLIN}};
        int64_t wait = waiting_count > 0 ? stream_wait_us() : 1000000;
        struct timespec limit = {wait / 1000000, wait % 1000000 * 1000};
        if (ppoll(ready, 2, &limit, NULL) < 0 && errno != EINTR) {
            die("poll");
        }
        if (host >= 0 && ready[0].revents != 0 && serve() != 0) {
            say("detached by the host");
            unplug();
        }
        if (ready[1].revents & POLLIN) {
            done = obey_all(commands);
        }
        if (host >= 0) {
            pump();
        }
    }
    unplug();
    unlink(arguments[1]);
    return 0;
}
