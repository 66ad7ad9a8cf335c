// See CLinux.h for the contract of each function.
#include "CLinux.h"

#include <errno.h>
#include <link.h>
#include <linux/futex.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void tsr_error_text(int code, char *ret_text, size_t capacity) {
    // The GNU strerror_r returns the text, which need not lie in the buffer.
    char scratch[128];
    const char *text = strerror_r(code, scratch, sizeof scratch);
    snprintf(ret_text, capacity, "%s", text);
}

int tsr_allowed_cpus(int32_t *ret_cpus, int capacity) {
    // The kernel refuses (EINVAL) a set smaller than its own, so grow until it fits; 2^20 CPUs is beyond any Linux.
    for (int limit = 1024; limit <= 1 << 20; limit *= 4) {
        cpu_set_t *set = CPU_ALLOC(limit);
        if (set == NULL) {
            errno = ENOMEM;
            return -1;
        }
        size_t bytes = CPU_ALLOC_SIZE(limit);
        CPU_ZERO_S(bytes, set);
        if (sched_getaffinity(0, bytes, set) == 0) {
            int count = 0;
            for (int cpu = 0; cpu < limit; cpu++) {
                if (CPU_ISSET_S(cpu, bytes, set)) {
                    if (count < capacity) {
                        ret_cpus[count] = cpu;
                    }
                    count++;
                }
            }
            CPU_FREE(set);
            return count;
        }
        int code = errno;
        CPU_FREE(set);
        errno = code;
        if (code != EINVAL) {
            return -1;
        }
    }
    return -1;
}

int tsr_current_cpu(void) { return sched_getcpu(); }

int tsr_leave_cpus(uint64_t occupied) {
    cpu_set_t set;
    if (sched_getaffinity(getpid(), sizeof set, &set) != 0) {
        return -1;
    }
    for (int cpu = 0; cpu < 64; cpu++) {
        if (occupied >> cpu & 1) {
            CPU_CLR(cpu, &set);
        }
    }
    if (CPU_COUNT(&set) == 0) {
        return 0;
    }
    return sched_setaffinity(0, sizeof set, &set) == 0 ? 1 : -1;
}

static int restrict_to_cpu(pthread_attr_t *attributes, int cpu) {
    cpu_set_t *set = CPU_ALLOC(cpu + 1);
    if (set == NULL) {
        return ENOMEM;
    }
    size_t bytes = CPU_ALLOC_SIZE(cpu + 1);
    CPU_ZERO_S(bytes, set);
    CPU_SET_S(cpu, bytes, set);
    int code = pthread_attr_setaffinity_np(attributes, bytes, set);
    CPU_FREE(set);
    return code;
}

int tsr_thread_start(pthread_t *ret_thread, int cpu, size_t stack_bytes, void *(*body)(void *), void *context) {
    pthread_attr_t attributes;
    int code = pthread_attr_init(&attributes);
    if (code != 0) {
        return code;
    }
    if (stack_bytes != 0) {
        code = pthread_attr_setstacksize(&attributes, stack_bytes);
    }
    if (code == 0 && cpu >= 0) {
        code = restrict_to_cpu(&attributes, cpu);
    }
    if (code == 0) {
        code = pthread_create(ret_thread, &attributes, body, context);
    }
    pthread_attr_destroy(&attributes);
    return code;
}

// The kernel cuts it; a name is a courtesy: without it the thread works as well.
void tsr_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

int tsr_futex_wait(const volatile uint32_t *word, uint32_t expected, int64_t timeout_ns) {
    struct timespec limit = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
    long result = syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, timeout_ns < 0 ? NULL : &limit, NULL, 0);
    return result == 0 ? 0 : -1;
}

int tsr_futex_wake(const volatile uint32_t *word, int count) {
    return (int)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

int tsr_timer_slack(uint64_t nanoseconds) { return prctl(PR_SET_TIMERSLACK, (unsigned long)nanoseconds, 0, 0, 0); }

int tsr_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int tsr_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

static int release_code_of(struct dl_phdr_info *object, size_t size, void *page_bytes) {
    (void)size;
    const uintptr_t page = *(const uintptr_t *)page_bytes;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        // A writable segment may hold bytes that exist nowhere else.
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) {
            continue;
        }
        const uintptr_t start = object->dlpi_addr + segment->p_vaddr;
        const uintptr_t from = (start + page - 1) / page * page, to = (start + segment->p_filesz) / page * page;
        if (from < to) {
            madvise((void *)from, to - from, MADV_DONTNEED); // a refusal leaves things as they are
        }
    }
    return 0;
}

void tsr_release_memory(void) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    dl_iterate_phdr(release_code_of, &page);
#ifdef __GLIBC__
    // Each thread that loads a model leaves a heap of its own behind, mostly free.
    malloc_trim(0);
#endif
}
