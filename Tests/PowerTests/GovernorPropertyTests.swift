import Foundation
import Tensors
import Testing

@testable import Power

/// Whatever the sensors say, the daemon works on within its bounds.
@Suite struct GovernorPropertyTests {
    /// Seeded by `TARSIER_SEED` or anew, and printed so that a failure can be had again.
    private static func announced(_ test: String = #function) -> SplitMix64 {
        let given = ProcessInfo.processInfo.environment["TARSIER_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0...UInt64.max)
        print("\(test): rerun with TARSIER_SEED=\(seed)")
        return SplitMix64(seed: seed)
    }

    /// A value of a sensor: likely, unlikely, or none that a sensor should give.
    private static func value(_ likely: ClosedRange<Double>, _ random: inout SplitMix64) -> Double? {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: nil
        case 1:
            [0, -1, .nan, .infinity, -.infinity, 1e308, -1e308, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
                .randomElement(using: &random)
        case 2: Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random))
        default: Double.random(in: likely, using: &random)
        }
    }

    private static func readings(_ clock: inout UInt64, _ random: inout SplitMix64) -> Readings {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: clock = UInt64.random(in: 0...UInt64.max, using: &random)
        case 1: break
        default: clock &+= UInt64.random(in: 0...5_000_000_000, using: &random)
        }
        var readings = Readings(atNs: clock)
        if let celsius = value(20...110, &random) {
            readings.temperature = Temperature(celsius: celsius, passiveTripCelsius: value(60...100, &random))
        }
        if Bool.random(using: &random) {
            readings.throttling = Throttling(
                isThrottled: Bool.random(using: &random), isUndervolted: Bool.random(using: &random))
        }
        readings.contention = value(0...1, &random)
        readings.idleCPUs = value(0...4, &random)
        readings.quotaCPUs = value(0.05...4, &random)
        readings.allowedCPUs = value(-2...8, &random).flatMap { Int(exactly: $0.rounded()) }
        readings.watts = value(0...10, &random)
        readings.ownCPUs = value(0...4, &random)
        if Bool.random(using: &random) {
            readings.supply = Supply(isOnBattery: Bool.random(using: &random), percent: value(0...100, &random))
        }
        if let latency = value(1e6...1e8, &random) {
            readings.inference = Readings.Inference(
                threads: Int.random(in: -1...9, using: &random), latencyNs: latency,
                preparationNs: value(0...1e7, &random) ?? .nan)
        }
        if let current = value(6e5...2e6, &random).flatMap({ Int(exactly: $0.rounded()) }) {
            readings.frequency = Frequency(currentKHz: current, maxKHz: 1_800_000, governor: "performance")
        }
        return readings
    }

    @Test func `Any sequence of readings keeps threads and rate within bounds`() throws {
        var random = GovernorPropertyTests.announced()
        for _ in 0..<60 {
            let most = Int.random(in: 1...8, using: &random)
            let rows = (1...Int.random(in: 1...most, using: &random)).map { threads in
                LatencyTable.Row(
                    threads: threads, latencyNs: Double.random(in: 1e5...1e8, using: &random),
                    cpuNs: Double.random(in: 1e5...4e8, using: &random),
                    joules: Bool.random(using: &random) ? Double.random(in: -1...1, using: &random) : nil)
            }
            let limits = PowerLimits(
                maxTemperatureCelsius: GovernorPropertyTests.value(40...90, &random),
                maxCPUPercent: GovernorPropertyTests.value(1...400, &random),
                maxWatts: GovernorPropertyTests.value(1...10, &random))
            var governor = Governor(limits: limits, table: try #require(LatencyTable(rows)), maxThreads: most)
            var clock = UInt64.random(in: 0...1 << 60, using: &random)
            for _ in 0..<150 {
                let rate = GovernorPropertyTests.value(0.01...1000, &random)
                let isFixed = Int.random(in: 0..<5, using: &random) == 0
                let demand = Demand(
                    rate: rate, deadlineNs: GovernorPropertyTests.value(1e6...1e9, &random),
                    threads: isFixed ? .fixed(Int.random(in: 1...most, using: &random)) : .automatic,
                    isWanted: Bool.random(using: &random))
                let decision = governor.decide(GovernorPropertyTests.readings(&clock, &random), demand)
                #expect((1...most).contains(decision.threads), "\(decision)")
                if case .fixed(let count) = demand.threads { #expect(decision.threads == count) }
                if let chosen = decision.rate {
                    let asked = demand.sanitized.rate
                    #expect(chosen.isFinite && chosen >= min(PowerLimits.floorRate, asked ?? 1), "\(decision)")
                    if let asked { #expect(chosen <= asked, "\(decision), asked for \(asked)") }
                } else {
                    #expect(demand.sanitized.rate == nil, "no limit where one was asked for")
                }
                #expect(!decision.cause.text.isEmpty && decision.cause.text.count < 100)
            }
        }
    }

    @Test func `The same readings give the same decisions`() throws {
        var random = GovernorPropertyTests.announced()
        let rows = [LatencyTable.Row(threads: 1, latencyNs: 8e6, cpuNs: 8e6)]
        let limits = PowerLimits(maxTemperatureCelsius: 70)
        var one = Governor(limits: limits, table: try #require(LatencyTable(rows)), maxThreads: 4)
        var other = one
        var clock: UInt64 = 0
        for _ in 0..<500 {
            let readings = GovernorPropertyTests.readings(&clock, &random)
            let demand = Demand(rate: 30)
            #expect(one.decide(readings, demand) == other.decide(readings, demand))
        }
        // NaN is not equal to itself, so states are compared by what they decide.
        #expect(one.decide(Readings(atNs: clock), Demand(rate: 30)).threads >= 1)
    }

    @Test func `Sensors that were mad are forgiven`() throws {
        var random = GovernorPropertyTests.announced()
        let rows = [LatencyTable.Row(threads: 1, latencyNs: 8e6, cpuNs: 8e6)]
        var governor = Governor(limits: PowerLimits(), table: try #require(LatencyTable(rows)), maxThreads: 2)
        var clock: UInt64 = 0
        for _ in 0..<300 { _ = governor.decide(GovernorPropertyTests.readings(&clock, &random), Demand(rate: 20)) }
        clock = 1 << 40
        var decision = Decision(threads: 1, rate: nil, cause: .demand)
        for second in 0..<7200 {
            var readings = Readings(atNs: clock + UInt64(second) * 1_000_000_000)
            readings.temperature = Temperature(celsius: 45)
            readings.throttling = Throttling()
            readings.inference = Readings.Inference(threads: decision.threads, latencyNs: 8e6, preparationNs: 0)
            readings.ownCPUs = (decision.rate ?? 0) * 0.008
            decision = governor.decide(readings, Demand(rate: 20))
        }
        #expect(decision == Decision(threads: 1, rate: 20, cause: .demand), "two quiet hours later: \(decision)")
    }

    @Test(
        arguments: [[], [(1, 0.0)], [(2, 1e6)], [(1, 1e6), (3, 1e6)], [(1, Double.nan)], [(1, 1e300)]]
            as [[(Int, Double)]])
    func `Tables that are none are refused`(rows: [(Int, Double)]) {
        #expect(LatencyTable(rows.map { LatencyTable.Row(threads: $0.0, latencyNs: $0.1, cpuNs: 1e6) }) == nil)
    }
}
