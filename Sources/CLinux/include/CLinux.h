// CLinux: the few Linux interfaces that Swift cannot call itself, because they are macros (CPU_SET, SYS_futex),
// variadic (syscall) or instructions. Plain functions, caller's memory, no state. Imported by LinuxIO alone.
#ifndef TSR_CLINUX_H
#define TSR_CLINUX_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

// Words of error `code` into ret_text (always terminated; capacity at least 1). Thread-safe, unlike strerror.
void tsr_error_text(int code, char *ret_text, size_t capacity);

// Numbers of the CPUs the calling thread may run on, ascending. Returns how many there are (which may be more than
// `capacity`; only `capacity` are stored), or -1 with errno set.
int tsr_allowed_cpus(int32_t *ret_cpus, int capacity);

// Number of the CPU that the calling thread runs on at this moment, or -1.
int tsr_current_cpu(void);

// Restricts the calling thread to the CPUs that the process's main thread may use, but for those with a bit in
// `occupied` (CPU 0 is bit 0). Returns 1, 0 when that leaves none, or -1 with errno set. When it returns 1 the thread
// has moved.
int tsr_leave_cpus(uint64_t occupied);

// Starts a thread that runs body(context). `cpu`: the only CPU it may run on, or -1. `stack_bytes`: 0 for the default.
// Returns 0 or an error number (EINVAL: that CPU is not allowed to us).
int tsr_thread_start(pthread_t *ret_thread, int cpu, size_t stack_bytes, void *(*body)(void *), void *context);

// Names the calling thread; at most 15 bytes are used.
void tsr_name_thread(const char *name);

// Sleeps while *word == expected, at most timeout_ns (negative: no limit). Returns 0 when woken, else -1 with errno
// EAGAIN (value differs), EINTR or ETIMEDOUT. May wake spuriously. Process-private.
int tsr_futex_wait(const volatile uint32_t *word, uint32_t expected, int64_t timeout_ns);

// Wakes at most `count` sleepers; returns how many, or -1 with errno set.
int tsr_futex_wake(const volatile uint32_t *word, int count);

// A new non-blocking, close-on-exec eventfd with count 0 (Swift's Glibc module lacks <sys/eventfd.h>), or -1 with errno
// set.
int tsr_eventfd(void);

// A new close-on-exec file that lives in memory alone and is gone with its last descriptor, or -1 with errno set.
int tsr_memory_file(const char *name);

// Timers of the calling thread may end so much later than asked for (0: the default again). Returns 0, or -1 with errno
// set.
int tsr_timer_slack(uint64_t nanoseconds);

// Gives up the resident pages of all code and constants that this process has mapped: the segments of the program and
// its libraries that were never writable. What is still used comes back from the page cache, at a minor fault for up to
// 64 KiB. And the pages that were freed in the heaps of all threads.
void tsr_release_memory(void);

// Tells the core that this is a spin loop.
static inline void tsr_cpu_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield" ::: "memory");
#else
    __asm__ volatile("" ::: "memory");
#endif
}

#endif
