#include "tsr_system_faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int is_short, fails_fsync, fails_folder_fsync, is_read_only, is_told;
static long eintr_each, disk_bytes = -1, clock_jump;
static atomic_long calls, written, done;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static long number(const char *text, const char *key, long otherwise) {
    const char *found = strstr(text, key);
    return found == NULL ? otherwise : atol(found + strlen(key));
}

__attribute__((constructor)) static void read_wishes(void) {
    const char *text = getenv("TARSIER_FAULTS");
    if (text == NULL) {
        return;
    }
    is_short = strstr(text, "short") != NULL;
    is_read_only = strstr(text, "erofs") != NULL;
    fails_fsync = strstr(text, "efsync") != NULL;
    fails_folder_fsync = strstr(text, "efolder") != NULL;
    is_told = strstr(text, "tell") != NULL;
    eintr_each = number(text, "eintr=", 0);
    disk_bytes = number(text, "enospc=", -1);
    clock_jump = number(text, "clock=", 0);
}

__attribute__((destructor)) static void tell(void) {
    char line[64];
    int length = snprintf(line, sizeof line, "faults: %ld\n", atomic_load(&done));
    if (length > 0) {
        (void)!REAL(write)(2, line, (size_t)length);
    }
}

// One line on standard error for a call that went well.
static void tell_call(const char *call, const char *what, const char *other) {
    char line[2200];
    int length = is_told ? snprintf(line, sizeof line, "call: %s %s%s%s\n", call, what, *other ? " " : "", other) : 0;
    if (length > 0 && (size_t)length < sizeof line) {
        (void)!REAL(write)(2, line, (size_t)length);
    }
}

static void tell_descriptor(const char *call, int fd) {
    char link[40], path[1024];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = is_told ? readlink(link, path, sizeof path - 1) : 0;
    if (length > 0) {
        path[length] = '\0';
        tell_call(call, path, "");
    }
}

static int is_interrupted(void) {
    if (eintr_each <= 0 || atomic_fetch_add(&calls, 1) % eintr_each != eintr_each - 1) {
        return 0;
    }
    atomic_fetch_add(&done, 1);
    errno = EINTR;
    return 1;
}

// Events, timers and signals give all or nothing, and at once: the kernel neither shortens nor interrupts them.
static int is_stream(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode) || S_ISFIFO(status.st_mode));
}

static size_t shortened(int fd, size_t count) {
    if (!is_short || count < 2 || !is_stream(fd)) {
        return count;
    }
    atomic_fetch_add(&done, 1);
    return 1 + count * 5 / 8;
}

// How much of `count` still fits on the disk; 0 is a full one.
static size_t room(int fd, size_t count) {
    struct stat status;
    if (disk_bytes < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return count;
    }
    long before = atomic_fetch_add(&written, (long)count);
    if (before + (long)count <= disk_bytes) {
        return count;
    }
    atomic_fetch_add(&done, 1);
    return before < disk_bytes ? (size_t)(disk_bytes - before) : 0;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    if (is_stream(fd) && is_interrupted()) {
        return -1;
    }
    size_t fits = room(fd, count);
    if (fits == 0 && count > 0) {
        errno = ENOSPC;
        return -1;
    }
    return REAL(write)(fd, bytes, shortened(fd, fits));
}

ssize_t read(int fd, void *bytes, size_t count) {
    return is_stream(fd) && is_interrupted() ? -1 : REAL(read)(fd, bytes, shortened(fd, count));
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (is_interrupted()) {
        return -1;
    }
    return is_short && count > 0 ? REAL(write)(fd, parts[0].iov_base, shortened(fd, parts[0].iov_len))
                                 : REAL(writev)(fd, parts, count);
}

int fsync(int fd) {
    if (is_interrupted()) {
        return -1;
    }
    struct stat status;
    if (fails_fsync || (fails_folder_fsync && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode))) {
        atomic_fetch_add(&done, 1);
        errno = EIO;
        return -1;
    }
    int outcome = REAL(fsync)(fd);
    if (outcome == 0) {
        tell_descriptor("fsync", fd);
    }
    return outcome;
}

int rename(const char *old, const char *new) {
    int outcome = REAL(rename)(old, new);
    if (outcome == 0) {
        tell_call("rename", old, new);
    }
    return outcome;
}

int bind(int fd, const struct sockaddr *address, socklen_t length) {
    if (is_read_only && address->sa_family == AF_UNIX) {
        atomic_fetch_add(&done, 1);
        errno = EROFS;
        return -1;
    }
    return REAL(bind)(fd, address, length);
}

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
    return is_interrupted() ? -1 : REAL(accept4)(fd, address, length, flags);
}

int poll(struct pollfd *list, nfds_t count, int timeout) {
    return is_interrupted() ? -1 : REAL(poll)(list, count, timeout);
}

int epoll_wait(int fd, struct epoll_event *events, int count, int timeout) {
    return is_interrupted() ? -1 : REAL(epoll_wait)(fd, events, count, timeout);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int status = REAL(clock_gettime)(clock, time);
    if (status == 0 && clock == CLOCK_REALTIME && clock_jump != 0 && time->tv_sec % 2 == 0) {
        time->tv_sec += clock_jump;
        atomic_fetch_add(&done, 1);
    }
    return status;
}
