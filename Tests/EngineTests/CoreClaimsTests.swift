import LinuxIO
import Synchronization
import Testing

@testable import Engine

/// Two workers of a run never stay on one CPU while the process may use another.
@Suite struct CoreClaimsTests {
    /// CPU of a helper that claims where the caller already is; both start pinned, so that nothing depends on luck.
    private func helperCPU(callerOn caller: Int, helperOn helper: Int) throws -> Int? {
        let claims = CoreClaims()
        try NamedThread(name: "caller", cpu: caller) { claims.begin() }.join()
        let seen = Mutex<Int?>(nil)
        try NamedThread(name: "helper", cpu: helper) {
            claims.claim()
            let cpu = CurrentCPU.index
            seen.withLock { $0 = cpu }
        }.join()
        return seen.withLock { $0 }
    }

    @Test func `a helper leaves the CPU of its caller, and only that one`() throws {
        let cpus = AllowedCPUs.list().filter { $0 < 64 }
        let first = try #require(cpus.first)
        let moved = try #require(try helperCPU(callerOn: first, helperOn: first))
        #expect(cpus.contains(moved))
        #expect((moved == first) == (cpus.count == 1), "one CPU leaves nowhere to go")
        for other in cpus.dropFirst() { #expect(try helperCPU(callerOn: first, helperOn: other) == other) }
    }

    @Test func `helpers beyond the CPUs stay where they are`() throws {
        let claims = CoreClaims()
        let cpus = AllowedCPUs.list().filter { $0 < 64 }
        for cpu in cpus { try NamedThread(name: "worker", cpu: cpu) { claims.claim() }.join() }
        let seen = Mutex<Int?>(nil)
        let last = try #require(cpus.last)
        try NamedThread(name: "surplus", cpu: last) {
            claims.claim()
            let cpu = CurrentCPU.index
            seen.withLock { $0 = cpu }
        }.join()
        #expect(seen.withLock { $0 } == last)
    }
}
