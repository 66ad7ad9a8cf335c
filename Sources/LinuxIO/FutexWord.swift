import CLinux
import Glibc
package import Synchronization

/// A 32-bit counter that threads can spin on and then sleep on: the base of the worker team and of the frame slot.
///
/// Protocol: a waiter reads `value`, and when it must wait calls `wait(while:)` with what it read; whoever changes `value`
/// calls `wake` afterwards. Any thread.
@safe package final class FutexWord: Sendable {
    package let value: Atomic<UInt32>

    package init(_ initial: UInt32 = 0) { value = Atomic(initial) }

    /// Sleeps while `value` equals `expected`, at most `timeoutNs` (nil: no limit). Returns at once when it differs; may
    /// also return early for no reason, so ask again. False only when the time ran out.
    @discardableResult
    package func wait(while expected: UInt32, timeoutNs: UInt64? = nil) -> Bool {
        let limit = timeoutNs.map { Int64(clamping: $0) } ?? -1
        return unsafe withAddress { word in
            if unsafe tsr_futex_wait(word, expected, limit) == 0 { return true }
            return errno != ETIMEDOUT
        }
    }

    /// Wakes at most `count` sleepers.
    package func wake(_ count: Int = .max) {
        unsafe withAddress { word in _ = unsafe tsr_futex_wake(word, CInt(clamping: count)) }
    }

    /// `Atomic` is never moved nor copied, so a borrow of it is its address in this object.
    private func withAddress<Result>(_ body: (UnsafePointer<UInt32>) -> Result) -> Result {
        unsafe withUnsafePointer(to: value) { pointer in
            unsafe body(UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt32.self))
        }
    }
}

/// Tells the core that this is a spin loop: saves power and lets the sibling hyperthread run.
@inline(__always)
package func cpuRelax() { tsr_cpu_relax() }
