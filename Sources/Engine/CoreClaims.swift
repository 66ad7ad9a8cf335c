internal import LinuxIO
internal import Synchronization

/// Which CPUs the workers of one run are on, so that two do not sit on one while another is free.
///
/// The kernel likes to wake a helper where its waker runs, and between microsecond steps it never sees a reason to move
/// either: both then take turns spinning for each other for as long as the process lives, four to eight times slower than
/// apart (EPYC, 2 cores, 2026-11-21: 1.9 ms an inference for 0.25; at 30 a second 2.1 for 0.49). A helper that wakes on a
/// taken CPU therefore leaves it, once; nobody is pinned to one CPU, and the process's own mask is kept. CPUs from 64 on
/// are left to the kernel.
final class CoreClaims: Sendable {
    /// One bit a CPU.
    private let taken = Atomic<UInt64>(0)

    /// Starts a run: the caller's CPU is taken, no other.
    func begin() { taken.store(Self.bit(of: CurrentCPU.index), ordering: .releasing) }

    /// Takes the calling helper's CPU, or moves the helper to a free one if somebody was there before.
    func claim() {
        let own = Self.bit(of: CurrentCPU.index)
        let before = taken.bitwiseOr(own, ordering: .acquiringAndReleasing).oldValue
        guard before & own != 0, CurrentCPU.leave(before) else { return }
        taken.bitwiseOr(Self.bit(of: CurrentCPU.index), ordering: .relaxed)
    }

    private static func bit(of cpu: Int?) -> UInt64 { cpu.map { $0 < 64 ? 1 << UInt64($0) : 0 } ?? 0 }
}
