import Glibc
import Synchronization
import Testing

@testable import LinuxIO

@Suite struct WaitAndMemoryTests {
    /// Both ends of a pipe, closed with the owner.
    final class Pipe {
        let source: Descriptor
        let sink: Descriptor
        init() throws {
            var ends: [CInt] = [0, 0]
            _ = try retrying("pipe") { unsafe pipe(&ends) }
            source = Descriptor(owning: ends[0])
            sink = Descriptor(owning: ends[1])
        }
    }

    @Test func `a wait ends for data, for the signal first, and for the time`() throws {
        let pipe = try Pipe()
        let signal = try EventSignal()
        #expect(try signal.wait(for: pipe.source.raw, timeoutNs: 1_000_000) == .timedOut)
        try unsafe pipe.sink.writeAll([1].span.bytes)
        #expect(try signal.wait(for: pipe.source.raw) == .readable)
        signal.raise()
        signal.raise()
        #expect(try signal.wait(for: pipe.source.raw) == .raised)
        #expect(signal.clear())
        #expect(!signal.clear())
        #expect(try signal.wait(for: pipe.source.raw) == .readable)
    }

    @Test func `a wait on a bad descriptor fails instead of hanging`() throws {
        let signal = try EventSignal()
        #expect(try signal.wait(for: 1_000_000) == .failed)
    }

    @Test func `a signal raised by another thread interrupts a wait without a limit`() throws {
        let pipe = try Pipe()
        let signal = try EventSignal()
        let thread = try NamedThread(name: "raiser") { signal.raise() }
        #expect(try signal.wait(for: pipe.source.raw) == .raised)
        thread.join()
    }

    @Test func `a wait survives a Unix signal`() throws {
        let pipe = try Pipe()
        let signal = try EventSignal()
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in }
        _ = unsafe sigaction(SIGUSR2, &action, nil)
        let waiter = pthread_self()
        let thread = try NamedThread(name: "killer") {
            for _ in 0..<20 {
                pthread_kill(waiter, SIGUSR2)
                sched_yield()
            }
            signal.raise()
        }
        #expect(try signal.wait(for: pipe.source.raw) == .raised)
        thread.join()
    }

    @Test(arguments: [0, 1, 63, 4096, 4097])
    func `guarded memory is zero and wholly usable`(count: Int) throws {
        var end = try GuardedBuffer(count: count)
        let start = try GuardedBuffer(count: count, edge: .start)
        #expect(end.count == count)
        #expect(unsafe Int(bitPattern: end.baseAddress + count) % 4096 == 0)
        #expect(unsafe Int(bitPattern: start.baseAddress) % 4096 == 0)
        var bytes = end.mutableBytes
        for index in 0..<count {
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: index), toByteOffset: index, as: UInt8.self)
        }
        if count > 0 {
            let last = unsafe end.bytes.unsafeLoad(fromByteOffset: count - 1, as: UInt8.self)
            #expect(last == UInt8(truncatingIfNeeded: count - 1))
        }
    }

    @Test func `reading one byte past guarded memory dies`() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            signal(SIGSEGV, SIG_DFL)
            let buffer = try GuardedBuffer(count: 100)
            exit(unsafe CInt(buffer.baseAddress.load(fromByteOffset: 100, as: UInt8.self)))
        }
    }

    @Test func `writing one byte before guarded memory dies`() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            signal(SIGSEGV, SIG_DFL)
            let buffer = try GuardedBuffer(count: 100, edge: .start)
            unsafe buffer.baseAddress.storeBytes(of: 1, toByteOffset: -1, as: UInt8.self)
        }
    }

    private static let isSanitized = unsafe getenv("TARSIER_IS_SANITIZED") != nil

    @Test func `resident memory is known and at most its peak`() throws {
        let memory = try ProcessMemory.current()
        #expect(memory.residentBytes > 1 << 20)
        #expect(memory.peakBytes >= memory.residentBytes)
    }

    @Test func `code given up leaves memory and runs on`() throws {
        let before = try ProcessMemory.current().residentBytes
        ProcessMemory.release()
        let after = try ProcessMemory.current().residentBytes  // runs code that was given up
        #expect(after < before)
    }

    @Test(.disabled(if: isSanitized, "sanitizers keep what was freed"))
    func `memory that was freed in the middle of a heap is given back`() throws {
        // 32 MiB in pieces too small for mappings of their own, of which the last holds the rest in place.
        var pieces = (0..<2048).map { _ in [UInt8](repeating: 1, count: 16_384) }
        pieces.removeFirst(2047)
        let held = try ProcessMemory.current().residentBytes
        ProcessMemory.release()
        let left = try ProcessMemory.current().residentBytes
        #expect(left < held - 20_000_000, "\(held) bytes before, \(left) after")
        #expect(pieces[0][0] == 1)
    }
}
