import ArgumentParser
import Daemon
import TarsierClient
import Wire

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "What the daemon does now.",
        discussion: """
            Examples:
              tarsier status
              tarsier status --json | jq .frames
            """)

    @OptionGroup var place: SocketOption

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        let status: Status
        do { status = try await place.client.status() } catch let error as TarsierError { throw Failure(error) }
        if json { return Terminal.line(String(decoding: status.encodeLine().dropLast(), as: UTF8.self)) }
        let (frames, clients, power) = (status.frames, status.clients, status.power)
        let rate = power.rate.map { "at most \($0.text(2)) a second" } ?? "as many as come"
        Terminal.line("version   \(status.version), up \((Double(status.uptimeMs) / 1000).text(0)) s")
        Terminal.line("model     \(status.model.name), \(status.model.labels) labels")
        if let shadow = status.shadow {
            Terminal.line(
                "shadow    \(shadow.model.path), differs on \(shadow.disagreed) of \(shadow.frames) frames, "
                    + "\(shadow.late) came too soon for it")
        }
        Terminal.line("camera    \(status.camera.id), \(status.camera.state.rawValue)")
        Terminal.line("power     \(power.threads) thread\(power.threads == 1 ? "" : "s"), \(rate): \(power.cause)")
        if let sensors = StatusCommand.sensors(status.sensors) { Terminal.line("sensors   \(sensors)") }
        Terminal.line(
            "frames    \(frames.captured) captured, \(frames.inferred) inferred\(StatusCommand.list(frames.skipped))")
        Terminal.line(
            "clients   \(clients.connected) connected, \(clients.subscribed) subscribed, \(clients.accepted) accepted, "
                + "\(clients.refused) refused\(StatusCommand.list(clients.disconnects))")
        Terminal.line("sent      \(clients.bytesSent) bytes, \(clients.conflated) results left out for slow clients")
    }

    /// What is worth a look on the machine; nil where it tells nothing.
    private static func sensors(_ values: [String: Double]) -> String? {
        let shown: [(name: String, text: (Double) -> String?)] = [
            ("temperature_celsius", { "\($0.text(1)) C" }),
            ("throttled", { $0 > 0 ? "throttled" : nil }),
            ("undervoltage", { $0 > 0 ? "under-voltage" : nil }),
            ("frequency_mhz", { "\($0.text(0)) MHz" }),
            ("watts", { "\($0.text(2)) W" }),
            ("battery_percent", { "battery \($0.text(0)) %" }),
            ("quota_cpus", { "quota \($0.text(2)) CPUs" }),
            ("contention", { "waited \(($0 * 100).text(0)) % for a CPU" }),
            ("own_cpus", { "uses \(($0 * 100).text(1)) % of a CPU" }),
        ]
        let texts = shown.compactMap { entry in values[entry.name].flatMap(entry.text) }
        return texts.isEmpty ? nil : texts.joined(separator: ", ")
    }

    /// Counters that are not 0, by name.
    private static func list(_ counts: [String: UInt64]) -> String {
        counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { ", \($0.value) \($0.key)" }.joined()
    }
}

struct MetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "The daemon's counters as OpenMetrics text.",
        discussion: """
            Example, for the textfile collector of node_exporter:
              tarsier metrics > tarsier.prom.new && mv tarsier.prom.new tarsier.prom
            """)

    @OptionGroup var place: SocketOption

    func run() async throws {
        do {
            Terminal.text(try await place.client.metrics())
        } catch let error as TarsierError {
            throw Failure(error)
        }
    }
}

struct SetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Changes settings of the running daemon; only root and its own user may.",
        discussion: """
            Example:
              tarsier set rate=5 threads=auto
            """)

    @OptionGroup var place: SocketOption

    @Argument(help: "rate=FPS|max or threads=N|auto.")
    var values: [SettingArgument]

    func run() async throws {
        let settings = Dictionary(values.map { ($0.name, $0.value) }) { _, last in last }
        do {
            try await place.client.set(settings)
        } catch let error as TarsierError {
            throw Failure(error)
        }
    }
}

/// `NAME=VALUE`.
struct SettingArgument: ExpressibleByArgument {
    let name: String
    let value: SettingValue

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        name = parts[0]
        switch parts[1] {
        case "true": value = .bool(true)
        case "false": value = .bool(false)
        default: value = Double(parts[1]).flatMap { $0.isFinite ? .number($0) : nil } ?? .text(parts[1])
        }
    }
}
