import ArgumentParser
import Foundation
import LinuxIO
import TarsierClient
import Wire

/// Many subscribers at once, alone and beside hostile clients.
struct FanOutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fan-out", abstract: "Many subscribers to every result, without and with hostile clients.")

    @OptionGroup var daemon: DaemonOptions

    @Option(help: "Well-behaved subscribers.")
    var clients = 500

    @Option(help: "Results a second.")
    var rate = 30.0

    @Option(help: "Seconds of the measurement.")
    var seconds = 60.0

    @Option(help: "Hostile clients, from half of the time on.")
    var hostile = 0

    @Option(help: "Most milliseconds of delay that 99 % of the results may have; 0 does not judge.")
    var p99Ms = 0.0

    @Option(help: "Most percent by which the rate of inference may differ from that with one client; 0 does not judge.")
    var rateTolerance = 2.0

    func run() async throws {
        let folder = NSTemporaryDirectory() + "tarsier-load-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let running = try Daemon(
            daemon, socket: folder + "/s", rate: rate, maxClients: clients + hostile + 8,
            log: FileHandle.nullDevice)
        defer { running.stop() }
        let client = TarsierClient(path: running.socket)

        var one = Subscribers()
        try one.connect(1, to: running.socket, FanOutCommand.every)
        let alone = try await measure(&one, running, client, seconds: min(10, max(2, seconds / 4)))
        print(alone.line("1 subscriber"))

        var many = Subscribers()
        try many.connect(clients - 1, to: running.socket, FanOutCommand.every)
        let crowd = try await measure(&many, running, client, seconds: hostile > 0 ? seconds / 2 : seconds)
        print(crowd.line("\(clients) subscribers"))
        var all = [alone, crowd]
        if hostile > 0 {
            let attackers = Hostiles(count: hostile, path: running.socket)
            attackers.start()
            let attacked = try await measure(&many, running, client, seconds: seconds / 2)
            print(attacked.line("\(clients) subscribers, \(hostile) hostile clients (\(attackers.attempts) attempts)"))
            attackers.stop()
            all.append(attacked)
        }
        try await judge(all, many, client)
    }

    /// Every result, every state event.
    static let every = #"{"op":"subscribe","mode":"every"}"# + "\n"

    private func measure(
        _ subscribers: inout Subscribers, _ daemon: Daemon, _ client: TarsierClient, seconds: Double
    ) async throws -> Phase {
        // What connecting cost is not part of it.
        try subscribers.read(until: MonotonicClock.now() + 1_000_000_000)
        let before = try await client.status().frames.inferred
        let (cpu, start) = (daemon.cpuMs ?? 0, MonotonicClock.now())
        subscribers.isMeasuring = true
        var peak = 0
        let end = start + UInt64(seconds * 1e9)
        var toggle = false
        while MonotonicClock.now() < end {
            try subscribers.read(until: min(end, MonotonicClock.now() + 500_000_000))
            peak = max(peak, daemon.memory?.residentBytes ?? 0)
            // A state event for everybody, twice a second; the rate itself stays what it was.
            toggle.toggle()
            try await client.set(["rate": .number(toggle ? rate * 1.0001 : rate)])
        }
        subscribers.isMeasuring = false
        let elapsed = Double(MonotonicClock.now() - start) / 1e9
        let after = try await client.status()
        let phase = Phase(
            delays: subscribers.delays, rate: Double(after.frames.inferred - before) / elapsed, residentBytes: peak,
            cpuShare: Double((daemon.cpuMs ?? 0) - cpu) / elapsed / 1000, clients: after.clients)
        subscribers.resetDelays()
        return phase
    }

    private func judge(_ phases: [Phase], _ many: Subscribers, _ client: TarsierClient) async throws {
        var subscribers = many
        // The last of it, so that all have come equally far.
        try subscribers.read(until: MonotonicClock.now() + 500_000_000)
        print(
            "received   \(subscribers.results) results and \(subscribers.states) state events by "
                + "\(subscribers.connected) of \(subscribers.count); \(subscribers.gaps) gap notices for "
                + "\(subscribers.dropped) results")
        var broken = subscribers.broken
        if subscribers.lastStates.count != 1 { broken.append("the clients saw different state events last") }
        if subscribers.states == 0 { broken.append("there was no state event") }
        let base = phases[0].rate
        for phase in phases {
            if rateTolerance > 0, abs(phase.rate - base) > base * rateTolerance / 100 {
                broken.append("inference went from \(base) to \(phase.rate) a second")
            }
            if p99Ms > 0, phase.delays.percentileMs(0.99) > p99Ms {
                broken.append("99 % within \(phase.delays.percentileMs(0.99)) ms, promised are \(p99Ms)")
            }
        }
        subscribers.close()
        guard broken.isEmpty else { throw LoadError(broken.joined(separator: "; ")) }
        print("kept       every state event in order for every client, nobody disconnected")
    }
}

/// What one part of the measurement showed.
private struct Phase {
    let delays: Delays
    /// Inferences a second.
    let rate: Double
    /// Highest seen.
    let residentBytes: Int
    /// Of one core.
    let cpuShare: Double
    let clients: Status.Clients

    func line(_ name: String) -> String {
        let ms = [0.5, 0.99, 0.999].map { String(format: "%.2f", delays.percentileMs($0)) }
        return String(format: "%.2f inferences/s, ", rate)
            + "publish delay p50 \(ms[0]) p99 \(ms[1]) p99.9 \(ms[2]) "
            + String(format: "max %.2f ms, ", delays.largestNs / 1e6)
            + String(format: "%.1f MiB resident, %.0f %% of a core, ", Double(residentBytes) / 1048576, cpuShare * 100)
            + "\(delays.total) results: \(name)"
    }
}
