import Glibc
import LinuxIO
import Synchronization
import Tensors

/// Clients that behave as badly as they can, on one thread of their own, again and again until they are stopped.
final class Hostiles: Sendable {
    private enum Kind: Int, CaseIterable {
        /// Subscribes to everything and never reads.
        case deaf
        /// Sends bytes that are nothing.
        case garbage
        /// Sends lines of 64 KiB.
        case longLines
        /// Sends half of a line and waits.
        case halfLine
        /// Sends 10,000 requests at once and never reads.
        case flood
        /// Sends line ends and nothing else, as fast as they are taken.
        case blankLines
        /// Connects and is gone.
        case vanish
    }

    private let count: Int
    private let path: String
    private let isStopping = Atomic(false)
    private let made = Atomic<Int>(0)
    private let thread = Mutex<NamedThread?>(nil)

    init(count: Int, path: String) {
        self.count = count
        self.path = path
    }

    /// Connections made so far.
    var attempts: Int { made.load(ordering: .relaxed) }

    func start() {
        let started = try? NamedThread(name: "hostile") { self.run() }
        thread.withLock { $0 = started }
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        thread.withLock { $0 }?.join()
    }

    private func run() {
        signal(SIGPIPE, SIG_IGN)
        var random = SplitMix64(seed: 9)
        var sockets = [CInt?](repeating: nil, count: count)
        var turn = 0
        while !isStopping.load(ordering: .relaxed) {
            let place = turn % count
            let kind = Kind.allCases[place % Kind.allCases.count]
            if let old = sockets[place], !stays(kind) || isGone(old) {
                close(old)
                sockets[place] = nil
            }
            if sockets[place] == nil, let socket = try? UnixSocket.connect(to: path).release() {
                made.add(1, ordering: .relaxed)
                sockets[place] = socket
            }
            if let socket = sockets[place] { attack(kind, socket, &random) }
            turn += 1
            // All of them once in about 50 ms: a thousand attempts a second, and not a contest for the CPU.
            usleep(1000)
        }
        for socket in sockets { if let socket { close(socket) } }
    }

    /// Whether a client of this kind keeps its connection as long as it may.
    private func stays(_ kind: Kind) -> Bool {
        switch kind {
        case .deaf, .halfLine, .flood, .blankLines: true
        case .garbage, .longLines, .vanish: false
        }
    }

    private func isGone(_ socket: CInt) -> Bool {
        var entry = pollfd(fd: socket, events: 0, revents: 0)
        return unsafe poll(&entry, 1, 0) > 0
    }

    private func attack(_ kind: Kind, _ socket: CInt, _ random: inout SplitMix64) {
        switch kind {
        case .deaf: send(Array(#"{"op":"subscribe","mode":"every"}"#.utf8) + [0x0A], socket)
        case .garbage: send((0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) }, socket)
        case .longLines: send([UInt8](repeating: 0x61, count: 65_536) + [0x0A], socket)
        case .halfLine: send(Array(#"{"op":"sub"#.utf8), socket)
        case .flood: send(Hostiles.flood, socket)
        case .blankLines: send([UInt8](repeating: 0x0A, count: 1 << 16), socket)
        case .vanish: break
        }
    }

    private static let flood = (0..<10_000).flatMap { _ in Array("{\"op\":\"status\"}\n".utf8) }

    /// As much as the kernel takes; never waits.
    private func send(_ bytes: [UInt8], _ socket: CInt) {
        _ = unsafe bytes.withUnsafeBytes { unsafe write(socket, $0.baseAddress, $0.count) }
    }
}
