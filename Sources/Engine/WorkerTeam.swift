package import LinuxIO
internal import Synchronization

/// Threads that run one fixed job together, over and over. The caller of `run` is worker 0; the others wait between runs,
/// asleep. No allocation and no lock in `run`.
package final class WorkerTeam: Sendable {
    /// The most workers a run can have.
    package let size: Int
    private let shared: Shared
    private let threads: [NamedThread]

    /// - Parameters:
    ///   - size: at least 1; `size - 1` threads are started.
    ///   - job: called once a worker and run, with the worker's index and how many take part. Must return.
    package init(
        size: Int, job: @escaping @Sendable (_ worker: Int, _ count: Int) -> Void
    ) throws(SystemError) {
        precondition(size >= 1)
        let shared = Shared(helpers: size - 1, job: job)
        var threads: [NamedThread] = []
        do {
            for helper in 0..<(size - 1) {
                threads.append(try NamedThread(name: "tarsier-work-\(helper + 1)") { shared.serve(helper) })
            }
        } catch {
            shared.stop()
            threads.forEach { $0.join() }
            throw error
        }
        self.size = size
        self.shared = shared
        self.threads = threads
    }

    deinit {
        shared.stop()
        threads.forEach { $0.join() }
    }

    /// Runs the job on `count` workers and returns when all have finished. One caller at a time.
    package func run(workers count: Int) {
        precondition((1...size).contains(count))
        shared.start(helpers: count - 1)
        shared.job(0, count)
        shared.finished.wait(for: count)
    }

    /// What threads and team share; outlives the team until the threads have ended.
    private final class Shared: Sendable {
        let job: @Sendable (Int, Int) -> Void
        let finished = Barrier()
        private let cores = CoreClaims()
        /// One a helper; counts up with each run it takes part in.
        private let gates: [FutexWord]
        private let workers = Atomic<Int>(1)
        private let isStopping = Atomic<Bool>(false)

        init(helpers: Int, job: @escaping @Sendable (Int, Int) -> Void) {
            self.job = job
            gates = (0..<helpers).map { _ in FutexWord() }
        }

        func start(helpers: Int) {
            workers.store(helpers + 1, ordering: .relaxed)
            if helpers > 0 { cores.begin() }
            for gate in gates.prefix(helpers) {
                gate.value.add(1, ordering: .releasing)
                gate.wake(1)
            }
        }

        func stop() {
            isStopping.store(true, ordering: .relaxed)
            start(helpers: gates.count)
        }

        /// Body of a helper's thread.
        func serve(_ helper: Int) {
            let gate = gates[helper]
            var seen: UInt32 = 0
            while true {
                while gate.value.load(ordering: .acquiring) == seen { gate.wait(while: seen) }
                seen = gate.value.load(ordering: .acquiring)
                if isStopping.load(ordering: .relaxed) { return }
                let count = workers.load(ordering: .relaxed)
                cores.claim()
                job(helper + 1, count)
                finished.wait(for: count)
            }
        }
    }
}
