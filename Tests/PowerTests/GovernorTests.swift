import Testing

@testable import Power

/// What the governor decides, one cause at a time. Seconds are simulated.
@Suite struct GovernorTests {
    /// 8, 4.5, 3.3 and 2.8 ms.
    private static let table = LatencyTable([
        LatencyTable.Row(threads: 1, latencyNs: 8e6, cpuNs: 8e6),
        LatencyTable.Row(threads: 2, latencyNs: 4.5e6, cpuNs: 9e6),
        LatencyTable.Row(threads: 3, latencyNs: 3.3e6, cpuNs: 9.9e6),
        LatencyTable.Row(threads: 4, latencyNs: 2.8e6, cpuNs: 11.2e6),
    ])

    private struct Bench {
        var governor: Governor
        var demand: Demand
        var seconds = 0
        var decision = Decision(threads: 0, rate: nil, cause: .demand)

        init(rate: Double?, limits: PowerLimits = PowerLimits(), threads: Int = 4) throws {
            governor = Governor(limits: limits, table: try #require(GovernorTests.table), maxThreads: threads)
            demand = Demand(rate: rate)
        }

        /// So many seconds with readings that `change` fills in.
        mutating func pass(_ count: Int, _ change: (inout Readings) -> Void = { _ in }) -> Decision {
            for _ in 0..<count {
                seconds += 1
                var readings = Readings(atNs: UInt64(seconds) * 1_000_000_000)
                readings.allowedCPUs = 4
                change(&readings)
                decision = governor.decide(readings, demand)
            }
            return decision
        }
    }

    @Test func `The fewest threads that keep up are chosen`() throws {
        let expected: [(rate: Double?, threads: Int, kind: String)] = [
            (10, 1, "demand"), (60, 1, "demand"), (100, 2, "demand"), (150, 3, "demand"), (170, 4, "demand"),
            (500, 4, "too_slow"), (nil, 4, "demand"),
        ]
        for (rate, threads, kind) in expected {
            var bench = try Bench(rate: rate)
            let decision = bench.pass(3)
            #expect(decision.threads == threads && decision.rate == rate && decision.cause.kind == kind, "\(decision)")
        }
    }

    @Test func `A deadline asks for threads that the rate does not`() throws {
        var bench = try Bench(rate: 1)
        bench.demand.deadlineNs = 5e6
        #expect(bench.pass(2).threads == 2)
        bench.demand.deadlineNs = 3e6
        #expect(bench.pass(2).threads == 4)
        bench.demand.deadlineNs = 1e6
        #expect(bench.pass(2).cause == .tooSlow)
    }

    @Test func `Where energy is known the cheapest is chosen, not the fewest`() throws {
        let rows = [(1, 8e6, 0.010), (2, 4.5e6, 0.008), (3, 3.3e6, 0.009)].map {
            LatencyTable.Row(threads: $0.0, latencyNs: $0.1, cpuNs: $0.1 * Double($0.0), joules: $0.2)
        }
        var governor = Governor(limits: PowerLimits(), table: try #require(LatencyTable(rows)), maxThreads: 3)
        #expect(governor.decide(Readings(atNs: 0), Demand(rate: 5)).threads == 2)
    }

    @Test func `A fixed number of threads stays, whatever happens`() throws {
        var bench = try Bench(rate: 100)
        bench.demand.threads = .fixed(3)
        #expect(bench.pass(2) == Decision(threads: 3, rate: 100, cause: .fixed))
        let decision = bench.pass(60) { $0.throttling = Throttling(isUndervolted: true) }
        #expect(decision.threads == 3 && (decision.rate ?? 0) < 100 && decision.cause == .undervoltage)
    }

    @Test func `A quota bounds rate and threads, at once`() throws {
        var bench = try Bench(rate: 100)
        #expect(bench.pass(1).threads == 2)
        let decision = bench.pass(1) { $0.quotaCPUs = 0.4 }
        #expect(decision.threads == 1 && decision.rate == 40, "0.32 CPUs of 8 ms each: \(decision)")
        #expect(decision.cause.text == "the control group grants 0.4 CPUs")
        #expect(bench.pass(1).rate == 100)
    }

    @Test func `Under-voltage goes down in steps and comes back slowly`() throws {
        var bench = try Bench(rate: 100)
        _ = bench.pass(5)
        let first = bench.pass(1) { $0.throttling = Throttling(isUndervolted: true) }
        #expect(first.threads == 1 && first.rate == 50 && first.cause == .undervoltage)
        #expect(bench.pass(60) { $0.throttling = Throttling(isUndervolted: true) }.rate == 6.25)
        #expect(bench.pass(40) { $0.throttling = Throttling() }.rate == 6.25, "not so soon")
        #expect(bench.pass(600) { $0.throttling = Throttling() } == Decision(threads: 2, rate: 100, cause: .demand))
    }

    @Test func `Who waits for a CPU gives threads back, then rate, never more than three quarters`() throws {
        var bench = try Bench(rate: 150)
        #expect(bench.pass(5) { $0.contention = 0 }.threads == 3)
        let waits = { (readings: inout Readings) in
            readings.contention = 0.5; readings.idleCPUs = 0
        }
        let first = bench.pass(6, waits)
        #expect(first.cause.kind == "contention" || first.threads == 3)
        let last = bench.pass(300, waits)
        #expect(last.threads == 1 && last.rate == 37.5 && last.cause.kind == "contention")
        // A cause is why, for as long as it costs anything, and not what is measured now.
        let reprieve = bench.pass(8) {
            $0.contention = 0; $0.idleCPUs = 0
        }
        #expect(reprieve.cause.kind == "contention")
        #expect(
            reprieve.cause.text.contains("waited 50 %") || reprieve.cause.text.contains("waited 4"),
            "\(reprieve.cause.text)")
        // Quiet, but all CPUs are in use by others: no room.
        #expect(
            bench.pass(300) {
                $0.contention = 0; $0.idleCPUs = 0
            }.rate == 37.5)
        let back = bench.pass(3000) {
            $0.contention = 0; $0.idleCPUs = 3
        }
        #expect(back == Decision(threads: 3, rate: 150, cause: .demand))
    }

    @Test func `A neighbour that comes and goes makes few changes`() throws {
        var bench = try Bench(rate: 150)
        var changes = 0
        for minute in 0..<240 {
            let before = bench.decision
            let after = bench.pass(60) {
                $0.contention = minute % 2 == 0 ? 0.4 : 0; $0.idleCPUs = 2
            }
            changes += before.isSame(as: after) ? 0 : 1
        }
        #expect(changes < 60, "in four hours: \(changes)")
    }

    @Test func `On battery the rate goes down with the charge, and a gauge that wavers changes nothing`() throws {
        var bench = try Bench(rate: 40)
        _ = bench.pass(10) { $0.supply = Supply(isOnBattery: false, percent: 80) }
        #expect(bench.pass(10) { $0.supply = Supply(isOnBattery: true, percent: 80) }.rate == 30)
        #expect(bench.pass(10) { $0.supply = Supply(isOnBattery: true, percent: 49) }.rate == 20)
        for percent in [50.0, 49, 51, 50, 52] {
            #expect(bench.pass(10) { $0.supply = Supply(isOnBattery: true, percent: percent) }.rate == 20)
        }
        let low = bench.pass(10) { $0.supply = Supply(isOnBattery: true, percent: 9) }
        #expect(low.rate == 4 && low.cause.text == "on battery, 9 %")
        #expect(bench.pass(10) { $0.supply = Supply(isOnBattery: false, percent: 9) }.rate == 40)
    }

    @Test func `Percent of a CPU and watts are kept, from what is measured`() throws {
        var bench = try Bench(rate: 50, limits: PowerLimits(maxCPUPercent: 20))
        // Half as much again as the table says, as decoding would make it.
        for _ in 0..<300 {
            let rate = bench.decision.rate ?? 0
            _ = bench.pass(1) { $0.ownCPUs = rate * 0.012 }
        }
        let used = (bench.decision.rate ?? 0) * 0.012
        #expect((0.15...0.205).contains(used), "CPUs: \(used)")
        #expect(bench.decision.cause == .cpuPercent(limit: 20))

        var meter = try Bench(rate: 50, limits: PowerLimits(maxWatts: 3))
        for _ in 0..<600 {
            let cpus = (meter.decision.rate ?? 0) * 0.008
            _ = meter.pass(1) {
                $0.ownCPUs = cpus
                $0.watts = 2 + 4 * cpus
            }
        }
        let watts = 2 + 4 * (meter.decision.rate ?? 0) * 0.008
        #expect((2.7...3.06).contains(watts) && meter.decision.cause.kind == "watts", "\(watts) W")
    }

    @Test func `A slower clock needs more threads`() throws {
        var bench = try Bench(rate: 50)
        let seen = { (latency: Double) in
            { (readings: inout Readings) in
                readings.inference = Readings.Inference(threads: 1, latencyNs: latency, preparationNs: 0)
            }
        }
        #expect(bench.pass(30, seen(8e6)).threads == 1)
        #expect(bench.pass(30, seen(16e6)).threads == 2, "at half the clock one thread takes 16 ms of 20")
    }

    @Test func `Heat without a reading still slows the work when the firmware throttles`() throws {
        var bench = try Bench(rate: 100)
        let decision = bench.pass(120) {
            $0.throttling = Throttling(isThrottled: true); $0.ownCPUs = 0.5
        }
        #expect((decision.rate ?? 0) < 90 && decision.cause.isReduction, "\(decision)")
    }

    @Test func `Nothing is held against the demand when nobody wants results`() throws {
        var bench = try Bench(rate: 10)
        bench.demand.isWanted = false
        let decision = bench.pass(100) {
            $0.contention = 1; $0.ownCPUs = 0
        }
        #expect(decision == Decision(threads: 1, rate: 10, cause: .demand))
    }

    @Test func `Causes are sentences`() {
        let causes: [(Cause, String)] = [
            (.heat(celsius: 79.04, limit: 75), "79 C, limit 75 C"), (.battery(percent: nil), "on battery"),
            (.cpuPercent(limit: 12.5), "--max-cpu-percent 12.5"),
            (.watts(measured: 4.126, limit: 4), "4.13 W, limit 4 W"),
            (.contention(share: 0.5), "threads waited 50 % of the time for a CPU"),
        ]
        for (cause, text) in causes { #expect(cause.text == text) }
        #expect(Cause.number(.nan) == "?" && Cause.number(1e300) == "?")
    }
}
