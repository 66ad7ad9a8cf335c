import ArgumentParser
import Foundation
import LinuxIO
import TarsierClient
import Tensors
import Wire

/// kill -9 of everything, in any order.
struct KillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill", abstract: "Kills daemon and clients in random order; all must find together again.")

    @OptionGroup var daemon: DaemonOptions

    @Option(help: "Rounds.")
    var rounds = 200

    @Option(
        help: "Inferences a second. Below 0.5 the governor of no machine settles for less than each round asks for.")
    var rate = 20.0

    @Option(help: "Where the random numbers begin.")
    var seed: UInt64 = 1

    func run() async throws {
        let folder = NSTemporaryDirectory() + "tarsier-kill-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var play = try Play(options: daemon, folder: folder, rate: rate, seed: seed)
        for round in 1...max(1, rounds) { try await play.round(round) }
        try play.finish()
        print(
            "\(rounds) rounds, seed \(seed): daemon killed \(play.daemonKills) times, \(play.earlyKills) of them while it "
                + "started, clients \(play.clientKills) times, "
                + "\(play.races) times two daemons started at once and one gave way; \(play.states) state events seen "
                + "over \(play.hellos) connections, none lost; slowest recovery \(play.slowestMs) ms; no socket left")
    }
}

/// One daemon and three clients, and what happens to them.
private struct Play {
    private let options: DaemonOptions
    private let socket: String
    private let rate: Double
    private var random: SplitMix64
    private var daemon: Daemon
    private var clients: [ClientProcess]
    private(set) var (daemonKills, earlyKills, clientKills, races, slowestMs) = (0, 0, 0, 0, 0)

    var states: Int { clients.reduce(0) { $0 + $1.states } }
    var hellos: Int { clients.reduce(0) { $0 + $1.hellos } }

    init(options: DaemonOptions, folder: String, rate: Double, seed: UInt64) throws {
        self.options = options
        self.rate = rate
        socket = folder + "/s"
        random = SplitMix64(seed: seed)
        let socket = socket
        daemon = try Play.start(options, socket, rate)
        clients = try (0..<3).map {
            try ClientProcess(program: options.program, socket: socket, folder: folder, number: $0)
        }
    }

    private static func start(_ options: DaemonOptions, _ socket: String, _ rate: Double, waits: Bool = true) throws
        -> Daemon
    {
        try Daemon(options, socket: socket, rate: rate, maxClients: 64, log: FileHandle.nullDevice, waits: waits)
    }

    mutating func round(_ number: Int) async throws {
        // Some of the four, in any order; not always with time in between.
        var victims = [0, 1, 2, 3].shuffled(using: &random)
        victims.removeLast(Int.random(in: 0..<4, using: &random))
        for victim in victims {
            if victim == 3 {
                try replaceDaemon()
            } else {
                try clients[victim].killAndRestart()
                clientKills += 1
            }
        }
        // A state that only this round has: each client must come to know it.
        let rate = rate + Double(number) / 100
        try await TarsierClient(path: socket).set(["rate": .number(rate)])
        try await waitForAll(rate, round: number)
    }

    private mutating func replaceDaemon() throws {
        // Anywhere in its work, which repeats 20 times a second.
        usleep(UInt32.random(in: 0...50_000, using: &random))
        daemon.kill()
        daemonKills += 1
        // And some before they are up: half a start-up must not be in the way of the next.
        while Int.random(in: 0..<3, using: &random) == 0 {
            let early = try Play.start(options, socket, rate, waits: false)
            usleep(UInt32.random(in: 0...150_000, using: &random))
            early.kill()
            daemonKills += 1
            earlyKills += 1
        }
        guard Int.random(in: 0..<3, using: &random) == 0 else {
            daemon = try Play.start(options, socket, rate)
            return
        }
        races += 1
        let pair = [
            try Play.start(options, socket, rate, waits: false), try Play.start(options, socket, rate, waits: false),
        ]
        let deadline = ContinuousClock.now + .seconds(20)
        while pair.allSatisfy({ $0.process.isRunning }) {
            guard ContinuousClock.now < deadline else { throw LoadError("two daemons live on one path") }
            usleep(2000)
        }
        guard let winner = pair.first(where: { $0.process.isRunning }), let loser = pair.first(where: { $0 !== winner })
        else { throw LoadError("two daemons started at once, and none is left") }
        loser.process.waitUntilExit()
        guard loser.process.terminationStatus == 69 else {
            throw LoadError("the daemon that gave way ended with \(loser.process.terminationStatus), not 69")
        }
        daemon = winner
        try daemon.waitUntilReachable()
    }

    private mutating func waitForAll(_ rate: Double, round: Int) async throws {
        let start = ContinuousClock.now
        while true {
            for client in clients { try client.read() }
            if let broken = clients.flatMap(\.broken).first { throw LoadError("round \(round): \(broken)") }
            let missing = clients.filter { client in client.rate.map { abs($0 - rate) > 0.004 } ?? true }
            if missing.isEmpty { break }
            guard clients.allSatisfy(\.isRunning) else { throw LoadError("round \(round): a client gave up") }
            guard ContinuousClock.now - start < .seconds(90) else {
                let known = clients.map { "\($0.rate ?? 0)" }.joined(separator: ", ")
                throw LoadError(
                    "round \(round): \(missing.count) clients did not find back in 90 s: they know of \(known), not \(rate)"
                )
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        let elapsed = (ContinuousClock.now - start).components
        slowestMs = max(slowestMs, Int(elapsed.seconds) * 1000 + Int(elapsed.attoseconds / 1_000_000_000_000_000))
    }

    mutating func finish() throws {
        for client in clients { client.kill() }
        daemon.stop()
        guard daemon.process.terminationStatus == 0 else {
            throw LoadError("the last daemon ended with \(daemon.process.terminationStatus)")
        }
        guard !FileManager.default.fileExists(atPath: socket) else { throw LoadError("a socket was left behind") }
    }
}
