// Preloaded under the thread sanitizer: tells it what Swift's Mutex promises. A mutex that is contended is locked and
// unlocked in the standard library, whose code the sanitizer does not see, so that everything such a mutex protects
// would be reported as a race. The address of the mutex stands for it, as in the uncontended case, which the sanitizer
// sees as atomics.
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SELF __attribute__((swift_context)) void *self

__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

__attribute__((swiftcall)) void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
__attribute__((swiftcall)) bool try_lock_slow(SELF) __asm__(TRY);
__attribute__((swiftcall)) void unlock_slow(SELF) __asm__(UNLOCK);

static void acquire(void *address) {
    if (__tsan_acquire != NULL) {
        __tsan_acquire(address);
    }
}

__attribute__((swiftcall)) void lock_slow(uint32_t thread, SELF) {
    ((__typeof__(&lock_slow))dlsym(RTLD_NEXT, LOCK))(thread, self);
    acquire(self);
}

__attribute__((swiftcall)) bool try_lock_slow(SELF) {
    bool is_mine = ((__typeof__(&try_lock_slow))dlsym(RTLD_NEXT, TRY))(self);
    if (is_mine) {
        acquire(self);
    }
    return is_mine;
}

__attribute__((swiftcall)) void unlock_slow(SELF) {
    if (__tsan_release != NULL) {
        __tsan_release(self);
    }
    ((__typeof__(&unlock_slow))dlsym(RTLD_NEXT, UNLOCK))(self);
}
