import Glibc
import Synchronization
import Testing

@testable import LinuxIO

@Suite struct ThreadTests {
    @Test func `a thread has its name and is done after the join`() throws {
        let seen = Mutex("")
        let thread = try NamedThread(name: "a-name-that-is-too-long") {
            let name = try? SmallFile.text(at: "/proc/thread-self/comm")
            seen.withLock { $0 = name ?? "unreadable" }
        }
        thread.join()
        thread.join()
        #expect(seen.withLock { $0 } == "a-name-that-is-\n")
    }

    @Test func `a pinned thread runs on its CPU`() throws {
        let cpu = try #require(AllowedCPUs.list().last)
        let seen = Atomic(-1)
        try NamedThread(name: "pinned", cpu: cpu) { seen.store(AllowedCPUs.list()[0], ordering: .relaxed) }.join()
        #expect(seen.load(ordering: .relaxed) == cpu)
    }

    @Test func `a thread that leaves its CPU is on another at once, and told when there is none`() throws {
        let cpus = AllowedCPUs.list().filter { $0 < 64 }
        let here = try #require(cpus.first)
        let all = cpus.reduce(into: UInt64(0)) { $0 |= 1 << UInt64($1) }
        let found = Mutex<(moved: Bool, cpu: Int?, movedFromAll: Bool)?>(nil)
        try NamedThread(name: "mover", cpu: here) {
            let moved = CurrentCPU.leave(1 << UInt64(here))
            let cpu = CurrentCPU.index
            let movedFromAll = CurrentCPU.leave(all)
            found.withLock { $0 = (moved, cpu, movedFromAll) }
        }.join()
        let result = try #require(found.withLock { $0 })
        let others = AllowedCPUs.list().filter { $0 != here }
        #expect(result.moved == !others.isEmpty)
        let now = try #require(result.cpu)
        #expect(others.isEmpty || others.contains(now))
        #expect(result.movedFromAll == (AllowedCPUs.list().count > cpus.count), "only CPUs without a bit are left")
    }

    @Test func `a CPU that does not exist is refused`() {
        let error = #expect(throws: SystemError.self) { _ = try NamedThread(name: "nowhere", cpu: 100_000) {} }
        #expect(error?.errno == EINVAL)
    }

    @Test func `allowed CPUs are at least one and ascend`() {
        let cpus = AllowedCPUs.list()
        #expect(AllowedCPUs.count >= 1)
        #expect(cpus == cpus.sorted())
        #expect(Set(cpus).count == cpus.count)
    }

    @Test func `a sleeper on a futex is woken by a change`() throws {
        let (word, reached) = (FutexWord(0), FutexWord(0))
        let thread = try NamedThread(name: "sleeper") {
            while word.value.load(ordering: .acquiring) == 0 { word.wait(while: 0) }
            reached.value.store(1, ordering: .releasing)
            reached.wake()
        }
        #expect(reached.value.load(ordering: .relaxed) == 0)
        word.value.store(1, ordering: .releasing)
        word.wake()
        while reached.value.load(ordering: .acquiring) == 0 { reached.wait(while: 0) }
        thread.join()
    }

    @Test func `a futex whose value differs does not sleep, and time runs out otherwise`() {
        let word = FutexWord(5)
        #expect(word.wait(while: 4))
        let start = MonotonicClock.now()
        while word.wait(while: 5, timeoutNs: 2_000_000) {}
        #expect(MonotonicClock.now() - start >= 2_000_000)
    }

    @Test func `two threads hand a turn to and fro`() throws {
        let turn = FutexWord(0)
        let rounds: UInt32 = 2000
        let thread = try NamedThread(name: "odd") {
            for round in 0..<rounds {
                while turn.value.load(ordering: .acquiring) != 2 * round + 1 { turn.wait(while: 2 * round) }
                turn.value.store(2 * round + 2, ordering: .releasing)
                turn.wake(1)
            }
        }
        for round in 0..<rounds {
            turn.value.store(2 * round + 1, ordering: .releasing)
            turn.wake(1)
            while turn.value.load(ordering: .acquiring) != 2 * round + 2 { turn.wait(while: 2 * round + 1) }
        }
        thread.join()
        #expect(turn.value.load(ordering: .relaxed) == 2 * rounds)
    }

    @Test func `clocks go forward and CPU time grows with work`() {
        let (wall, process, thread) = (MonotonicClock.now(), CPUClock.process(), CPUClock.thread())
        while CPUClock.thread() - thread < 1_000_000 { cpuRelax() }
        #expect(MonotonicClock.now() - wall >= 900_000)
        #expect(CPUClock.process() - process >= 900_000)
    }
}
