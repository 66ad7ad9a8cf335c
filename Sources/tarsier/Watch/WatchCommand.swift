import ArgumentParser
import Daemon
import LinuxIO
import Synchronization
import TarsierClient
import UnixSignals
import Wire

#if canImport(Glibc)
import Glibc
#endif

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "A live view in the terminal: labels, times, threads and why.",
        discussion: """
            Examples:
              tarsier watch
              tarsier watch --json --count 60 | jq .cpu_ms

            q ends it. Where the output is no terminal, or a dumb one, a line comes each second. NO_COLOR is honoured.
            """)

    @OptionGroup var place: SocketOption

    @Option(help: "Stop after so many seconds in which the daemon answered.")
    var count: Int?

    @Flag(help: "One JSON object a second.")
    var json = false

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
    }

    func run() async throws {
        let environment = Environment.all
        let isLive = !json && isatty(1) == 1 && environment["TERM"] != "dumb"
        let watch = Watch(
            client: place.client, form: json ? .json : isLive ? .screen : .lines, count: count,
            style: TerminalStyle(environment: environment))
        do {
            try await watch.run()
        } catch let error as TarsierError {
            throw Failure(error)
        }
    }
}

/// One run of the command: tasks that fill the board, and one that shows it.
private final class Watch: Sendable {
    enum Form: Sendable { case screen, lines, json }

    private let client: TarsierClient
    private let form: Form
    private let count: Int?
    private let style: TerminalStyle
    private let board = Mutex(WatchBoard())

    init(client: TarsierClient, form: Form, count: Int?, style: TerminalStyle) {
        (self.client, self.form, self.count, self.style) = (client, form, count, style)
    }

    func run() async throws {
        guard form == .screen else { return try await untilFirstEnds([follow, ask]) }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup, .sigwinch, .sigcont)
        let (keys, typed) = AsyncStream.makeStream(of: UInt8.self)
        LiveTerminal.enter()
        defer { LiveTerminal.leave() }
        // Never joined: a read of a terminal cannot be called off. It ends with the process.
        _ = try? NamedThread(name: "tarsier-keys") {
            while let key = LiveTerminal.key() { typed.yield(key) }
        }
        try await untilFirstEnds([
            follow, ask, draw, { await self.obey(keys) }, { await self.heed(signals) },
        ])
    }

    private func untilFirstEnds(_ tasks: [@Sendable () async throws -> Void]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in tasks { group.addTask(operation: task) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    // MARK: tasks

    @Sendable private func follow() async throws {
        let subscription = Subscription(mode: .every, maxRate: 10, topK: 5)
        for try await event in client.events(subscription: subscription) {
            if form != .screen, case .disconnected(let error, _) = event { Terminal.note("tarsier: \(error)") }
            board.withLock { $0.add(event, clock: Watch.clock()) }
        }
    }

    /// Counters and sensors, once a second; where there is no screen, each is a line.
    @Sendable private func ask() async throws {
        var inquirer = TarsierInquirer(path: client.path)
        var shown = 0
        while !Task.isCancelled {
            if let status = try? await inquirer.status() {
                let board = board.withLock { board in
                    board.add(status)
                    return board
                }
                if form == .lines { Terminal.line(WatchLine(board).text(clock: Watch.clock())) }
                if form == .json { try Terminal.json(WatchLine(board)) }
                shown += 1
                if shown == count { return }
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// At most five times a second, and only what is new.
    @Sendable private func draw() async throws {
        var drawn = (version: -1, clock: "", columns: 0, rows: 0)
        while !Task.isCancelled {
            let (board, clock, size) = (board.withLock { $0 }, Watch.clock(), LiveTerminal.size)
            if drawn != (board.version, clock, size.columns, size.rows) {
                drawn = (board.version, clock, size.columns, size.rows)
                show(board, clock)
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func show(_ board: WatchBoard, _ clock: String) {
        let size = LiveTerminal.size
        let screen = WatchScreen(columns: size.columns, rows: size.rows, style: style)
        LiveTerminal.draw(screen.lines(board, clock: clock))
    }

    private func obey(_ keys: AsyncStream<UInt8>) async {
        for await key in keys {
            switch key {
            case UInt8(ascii: "q"), UInt8(ascii: "Q"), 3: return
            case 0x1A:
                LiveTerminal.leave()
                raise(SIGSTOP)
            default: break
            }
        }
    }

    private func heed(_ signals: UnixSignalsSequence) async {
        for await signal in signals {
            switch signal {
            case .sigwinch: show(board.withLock { $0 }, Watch.clock())
            case .sigcont:
                LiveTerminal.leave()
                LiveTerminal.enter()
                show(board.withLock { $0 }, Watch.clock())
            default:
                LiveTerminal.end(by: signal == .sigint ? SIGINT : signal == .sighup ? SIGHUP : SIGTERM)
            }
        }
    }

    /// Hours, minutes and seconds, in the machine's time.
    private static func clock() -> String {
        var (now, parts) = (time(nil), unsafe tm())
        unsafe localtime_r(&now, &parts)
        return unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { ($0 < 10 ? "0" : "") + "\($0)" }.joined(
            separator: ":")
    }
}
