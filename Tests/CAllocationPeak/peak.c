#include "tsr_allocation_peak.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>

// glibc's own entry points, exported for this purpose.
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);
void __libc_free(void *memory);

static atomic_long held, highest, start;

static void *gained(void *memory) {
    if (memory == NULL) return NULL;
    long now = atomic_fetch_add_explicit(&held, (long)malloc_usable_size(memory), memory_order_relaxed) +
               (long)malloc_usable_size(memory);
    if (now > atomic_load_explicit(&highest, memory_order_relaxed))
        atomic_store_explicit(&highest, now, memory_order_relaxed);
    return memory;
}

static void lost(void *memory) {
    if (memory != NULL) atomic_fetch_sub_explicit(&held, (long)malloc_usable_size(memory), memory_order_relaxed);
}

void tsr_peak_reset(void) {
    long now = atomic_load_explicit(&held, memory_order_relaxed);
    atomic_store_explicit(&highest, now, memory_order_relaxed);
    atomic_store_explicit(&start, now, memory_order_relaxed);
}

long tsr_peak_bytes(void) {
    return atomic_load_explicit(&highest, memory_order_relaxed) - atomic_load_explicit(&start, memory_order_relaxed);
}

void *malloc(size_t bytes) { return gained(__libc_malloc(bytes)); }

void *calloc(size_t count, size_t bytes) { return gained(__libc_calloc(count, bytes)); }

void *realloc(void *old, size_t bytes) {
    // Both are held while the content moves.
    long before = old == NULL ? 0 : (long)malloc_usable_size(old);
    void *memory = gained(__libc_realloc(old, bytes));
    if (memory != NULL || bytes == 0) atomic_fetch_sub_explicit(&held, before, memory_order_relaxed);
    return memory;
}

void *memalign(size_t alignment, size_t bytes) { return gained(__libc_memalign(alignment, bytes)); }

void *aligned_alloc(size_t alignment, size_t bytes) { return gained(__libc_memalign(alignment, bytes)); }

int posix_memalign(void **ret_memory, size_t alignment, size_t bytes) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
    void *memory = gained(__libc_memalign(alignment, bytes));
    if (memory == NULL) return ENOMEM;
    *ret_memory = memory;
    return 0;
}

void free(void *memory) {
    lost(memory);
    __libc_free(memory);
}
