internal import LinuxIO
internal import Synchronization

/// Holds back the workers of a team until all have arrived; reusable at once.
///
/// A waiter spins for a short while, because steps end within microseconds of each other, and then sleeps, because a
/// worker may have lost its core and spinning would burn the watts this product is there to save.
final class Barrier: Sendable {
    /// Loads of the generation before sleeping: about 20 us on a core of 3 GHz, more than steps differ and less than a
    /// frame. Chosen on Sapphire Rapids; sleeping at once costs 5 us a step, spinning ten times longer gains nothing.
    static let spins = 4_000

    private let arrived = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let generation = FutexWord()

    /// Returns when `count` workers have called it. All workers of one generation give the same count.
    func wait(for count: Int) {
        guard count > 1 else { return }
        let current = generation.value.load(ordering: .acquiring)
        if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
            arrived.store(0, ordering: .relaxed)
            generation.value.store(current &+ 1, ordering: .sequentiallyConsistent)
            if sleepers.load(ordering: .sequentiallyConsistent) > 0 { generation.wake() }
            return
        }
        for _ in 0..<Barrier.spins {
            if generation.value.load(ordering: .acquiring) != current { return }
            cpuRelax()
        }
        sleepers.add(1, ordering: .sequentiallyConsistent)
        while generation.value.load(ordering: .sequentiallyConsistent) == current { generation.wait(while: current) }
        sleepers.subtract(1, ordering: .relaxed)
    }
}
