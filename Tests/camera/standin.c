// A camera in the daemon's own process: stands in for libv4l2's entry points by LD_PRELOAD, so that the real daemon
// runs at its real speed where the kernel has no camera. Tests/vm has the real kernel, at an emulator's speed.
//
//   STANDIN=FOLDER[:FPS] LD_PRELOAD=standin.so tarsier run --source v4l2:/dev/video-standin
//
// Gives the folder's *.jpg of 640x480, one to a buffer, in the order of their names. The descriptor is a timer, so
// there is no thread of its own, and buffers are filled once, so that the daemon's CPU time has no part of a driver's:
// a frame is stamped with the tick at which it was due. Opening and closing are written to FOLDER/standin.log, a line
// each with the monotonic time in milliseconds.
//
//   STANDIN_FAULTS=SECONDS:EVERY
//
// makes it a bad one: after SECONDS of streaming it vanishes for 300 ms, or stalls, by turns; every fifth time it is
// opened its size is nonsense; and of EVERY frames one is marked bad, one cut short, one longer than its buffer, one
// damaged.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 640, HEIGHT = 480, BUFFERS = 8, FILES = 256, CAPACITY = WIDTH * HEIGHT * 2 };
#define NODE "/dev/video-standin"

static struct {
    char *bytes;
    size_t count;
} files[FILES];
static int file_count;
static char folder[512];
static int64_t period_ns;

static int timer = -1;
static char *buffers[BUFFERS];
static int is_queued[BUFFERS];
// Buffers that wait for a picture, oldest first, and those that have one, with its time.
static int waiting[BUFFERS], waiting_count;
static struct {
    int index;
    int64_t at_ns;
    uint32_t sequence;
} done[BUFFERS];
static int done_count;
static int64_t next_ns;
static uint32_t sequence;
static int is_streaming;

static struct {
    int64_t after_ns; // 0: a good camera
    uint32_t every;
    int openings;
    // When the stream that runs goes wrong, and until when the camera is away.
    int64_t trouble_ns, away_ns;
    int is_damaged[BUFFERS];
} faults;

static int64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void note(const char *what) {
    char path[600];
    snprintf(path, sizeof path, "%s/standin.log", folder);
    FILE *log = fopen(path, "ae");
    if (log != NULL) {
        fprintf(log, "%s %lld\n", what, (long long)(now_ns() / 1000000));
        fclose(log);
    }
}

static void read_files(void) {
    const char *setting = getenv("STANDIN");
    if (file_count > 0 || setting == NULL) {
        return;
    }
    int rate = 30;
    snprintf(folder, sizeof folder, "%s", setting);
    char *colon = strrchr(folder, ':');
    if (colon != NULL) {
        rate = atoi(colon + 1);
        *colon = 0;
    }
    period_ns = INT64_C(1000000000) / (rate > 0 ? rate : 30);
    const char *wishes = getenv("STANDIN_FAULTS");
    if (wishes != NULL) {
        const char *second = strchr(wishes, ':');
        faults.after_ns = INT64_C(1000000000) * atoi(wishes);
        faults.every = second == NULL ? 0 : (uint32_t)atoi(second + 1);
    }
    struct dirent **names;
    int count = scandir(folder, &names, NULL, alphasort);
    for (int i = 0; i < count && file_count < FILES; i++) {
        size_t length = strlen(names[i]->d_name);
        char path[1024];
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (length < 4 || strcmp(names[i]->d_name + length - 4, ".jpg") != 0 || stat(path, &status) != 0) {
            continue;
        }
        FILE *file = fopen(path, "re");
        char *bytes = malloc((size_t)status.st_size);
        if (file != NULL && bytes != NULL && status.st_size <= CAPACITY &&
            fread(bytes, 1, (size_t)status.st_size, file) == (size_t)status.st_size) {
            files[file_count].bytes = bytes;
            files[file_count++].count = (size_t)status.st_size;
        }
        if (file != NULL) {
            fclose(file);
        }
    }
}

// What is wrong with the stream now; by turns.
static int is_troubled(int stalls) {
    return faults.after_ns > 0 && now_ns() > faults.trouble_ns && faults.openings % 2 == stalls;
}

// One frame in EVERY is bad in each of four ways.
static void spoil(struct v4l2_buffer *buffer, int index) {
    if (faults.every == 0 || file_count == 0) {
        return;
    }
    switch (buffer->sequence % faults.every) {
    case 1:
        buffer->flags |= V4L2_BUF_FLAG_ERROR;
        break;
    case 2:
        buffer->bytesused /= 2;
        break;
    case 3:
        buffer->bytesused = UINT32_MAX;
        break;
    case 4:
        for (uint32_t i = buffer->bytesused / 3; i < buffer->bytesused / 2; i++) {
            buffers[index][i] = (char)(i * 151 + buffer->sequence);
        }
        faults.is_damaged[index] = 1;
        break;
    default:
        break;
    }
}

// What a driver would have done by now: each tick fills the oldest waiting buffer, or is lost.
static void catch_up(void) {
    uint64_t ticks;
    if (read(timer, &ticks, sizeof ticks) < 0) {
        return;
    }
    for (int64_t now = now_ns(); next_ns <= now; next_ns += period_ns, sequence++) {
        if (waiting_count > 0 && !is_troubled(1)) {
            done[done_count].index = waiting[0];
            done[done_count].at_ns = next_ns;
            done[done_count++].sequence = sequence;
            memmove(waiting, waiting + 1, (size_t)--waiting_count * sizeof waiting[0]);
        }
    }
}

static int start(void) {
    next_ns = now_ns() + period_ns;
    faults.trouble_ns = now_ns() + faults.after_ns;
    struct itimerspec when = {.it_value = {next_ns / 1000000000, next_ns % 1000000000}, .it_interval = {0, period_ns}};
    is_streaming = 1;
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void stop(void) {
    struct itimerspec never = {0};
    timerfd_settime(timer, 0, &never, NULL);
    memset(is_queued, 0, sizeof is_queued);
    is_streaming = waiting_count = done_count = 0;
}

static int fail(int error) {
    errno = error;
    return -1;
}

static int queue(int index) {
    if (index >= BUFFERS || buffers[index] == NULL || is_queued[index]) {
        return fail(EINVAL);
    }
    is_queued[index] = 1;
    if (faults.is_damaged[index]) {
        memcpy(buffers[index], files[index % file_count].bytes, files[index % file_count].count);
        faults.is_damaged[index] = 0;
    }
    waiting[waiting_count++] = index;
    return 0;
}

static int dequeue(struct v4l2_buffer *buffer) {
    if (!is_streaming) {
        return fail(EINVAL);
    }
    if (is_troubled(0)) {
        faults.away_ns = now_ns() + 300000000;
        return fail(ENODEV);
    }
    catch_up();
    if (done_count == 0) {
        return fail(EAGAIN);
    }
    int index = done[0].index;
    buffer->index = (uint32_t)index;
    buffer->sequence = done[0].sequence;
    buffer->flags = V4L2_BUF_FLAG_MAPPED | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    buffer->length = CAPACITY;
    buffer->timestamp.tv_sec = done[0].at_ns / 1000000000;
    buffer->timestamp.tv_usec = done[0].at_ns % 1000000000 / 1000;
    buffer->bytesused = file_count > 0 ? (uint32_t)files[index % file_count].count : 0;
    memmove(done, done + 1, (size_t)--done_count * sizeof done[0]);
    is_queued[index] = 0;
    spoil(buffer, index);
    return 0;
}

FILE *v4l2_log_file;

int v4l2_open(const char *path, int flags, ...) {
    (void)flags;
    read_files();
    if (strcmp(path, NODE) != 0) {
        return fail(ENOENT);
    }
    if (now_ns() < faults.away_ns) {
        return fail(ENODEV);
    }
    if (timer >= 0) {
        return fail(EBUSY);
    }
    faults.openings++;
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    note("open");
    return timer;
}

int v4l2_close(int fd) {
    if (fd == timer) {
        stop();
        for (int i = 0; i < BUFFERS; i++) {
            if (buffers[i] != NULL) {
                munmap(buffers[i], CAPACITY);
                buffers[i] = NULL;
            }
        }
        timer = -1;
        note("close");
    }
    return close(fd);
}

void *v4l2_mmap(void *start, size_t length, int prot, int flags, int fd, int64_t offset) {
    (void)start, (void)length, (void)prot, (void)flags;
    int64_t index = offset / (1 << 24);
    if (fd != timer || index >= BUFFERS || buffers[index] == NULL) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    return buffers[index];
}

int v4l2_munmap(void *start, size_t length) {
    (void)start, (void)length; // freed on close
    return 0;
}

int v4l2_ioctl(int fd, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (fd != timer) {
        return fail(EBADF);
    }
    switch (request) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *capability = argument;
        memset(capability, 0, sizeof *capability);
        strcpy((char *)capability->driver, "standin");
        strcpy((char *)capability->card, "stand-in");
        strcpy((char *)capability->bus_info, "standin:0");
        capability->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        capability->capabilities = capability->device_caps | V4L2_CAP_DEVICE_CAPS;
        return 0;
    }
    case VIDIOC_ENUM_FMT: {
        struct v4l2_fmtdesc *format = argument;
        format->pixelformat = V4L2_PIX_FMT_MJPEG;
        format->flags = V4L2_FMT_FLAG_COMPRESSED;
        return format->index == 0 ? 0 : fail(EINVAL);
    }
    case VIDIOC_S_FMT: {
        struct v4l2_format *format = argument;
        format->fmt.pix = (struct v4l2_pix_format
        ){.width = WIDTH,
          .height = HEIGHT,
          .pixelformat = V4L2_PIX_FMT_MJPEG,
          .field = V4L2_FIELD_NONE,
          .sizeimage = CAPACITY};
        if (faults.after_ns > 0 && faults.openings % 5 == 4) {
            static const uint32_t sizes[] = {0, 1, UINT32_MAX, 1u << 31, 70000};
            int turn = faults.openings / 5;
            format->fmt.pix.width = sizes[turn % 5];
            format->fmt.pix.height = sizes[turn / 5 % 5];
            format->fmt.pix.sizeimage = sizes[turn / 25 % 5];
            format->fmt.pix.bytesperline = sizes[turn / 125 % 5];
        }
        return 0;
    }
    case VIDIOC_S_PARM: {
        struct v4l2_streamparm *parameters = argument;
        parameters->parm.capture.timeperframe.numerator = 1;
        parameters->parm.capture.timeperframe.denominator = (uint32_t)(1000000000 / period_ns);
        return 0;
    }
    case VIDIOC_REQBUFS: {
        struct v4l2_requestbuffers *wanted = argument;
        wanted->count = wanted->count > BUFFERS ? BUFFERS : wanted->count;
        for (uint32_t i = 0; i < wanted->count; i++) {
            void *memory = mmap(NULL, CAPACITY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
            if (memory == MAP_FAILED) {
                return -1;
            }
            buffers[i] = memory;
            if (file_count > 0) {
                memcpy(memory, files[(int)i % file_count].bytes, files[(int)i % file_count].count);
            }
        }
        return 0;
    }
    case VIDIOC_QUERYBUF: {
        struct v4l2_buffer *buffer = argument;
        buffer->length = CAPACITY;
        buffer->m.offset = buffer->index << 24;
        return buffer->index < BUFFERS && buffers[buffer->index] != NULL ? 0 : fail(EINVAL);
    }
    case VIDIOC_QBUF:
        return queue((int)((struct v4l2_buffer *)argument)->index);
    case VIDIOC_DQBUF:
        return dequeue(argument);
    case VIDIOC_STREAMON:
        return start();
    case VIDIOC_STREAMOFF:
        stop();
        return 0;
    default:
        return fail(ENOTTY);
    }
}
