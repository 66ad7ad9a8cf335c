import FoundationEssentials
import NIOCore
import NIOPosix
import Publishing
import Synchronization
import Wire

/// A server in a directory of its own, gone with the test.
final class Fixture: Sendable {
    let server: ResultServer
    let path: String
    private let directory: String

    init(
        handlers: ServerHandlers = ServerHandlers(), labels: [String] = ["cat", "dog"],
        _ adjust: (inout ServerConfiguration) -> Void = { _ in }
    ) throws {
        directory = try Fixture.makeDirectory()
        path = directory + "/s"
        var configuration = ServerConfiguration(path: path)
        adjust(&configuration)
        server = ResultServer(
            configuration: configuration, identity: Fixture.identity(labels: labels), handlers: handlers)
        try server.start()
    }

    deinit {
        server.shutdown()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// How many times longer than natively things may take: an emulator or a sanitizer is at work.
    static let patience: Int = {
        let environment = ProcessInfo.processInfo.environment
        return ["TARSIER_EMULATED_CPU", "TARSIER_IS_SANITIZED"].contains { environment[$0] != nil } ? 4 : 1
    }()

    static func makeDirectory() throws -> String {
        let name = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let directory = FileManager.default.temporaryDirectory.path + "/tarsier-" + name
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        return directory
    }

    static func identity(labels: [String] = ["cat", "dog"]) -> ServerIdentity {
        ServerIdentity(
            version: "0.1.0",
            model: ModelInfo(name: "SM_V2", sha256: "00ff", labels: labels.count, input: [224, 224, 3]),
            labels: labels, camera: CameraInfo(id: "scene:", state: .ok))
    }

    static func result(_ seq: UInt64, label: String = "cat", score: Double = 0.9) -> ResultEvent {
        ResultEvent(
            seq: seq, timestamp: Timestamp(unixMilliseconds: 1_767_323_045_678), monotonicNs: seq * 1_000_000,
            frame: seq, label: label, score: score, stable: true,
            top: [ResultEvent.Candidate(index: 0, label: label, score: score)],
            times: ResultEvent.Times(age: 1, decode: 2, prepare: 3, infer: 4), threads: 1, gap: 0)
    }
}

/// Lets a test wait for a number to be reached, without a clock.
final class Gauge: Sendable {
    private struct State {
        var value = 0
        var waiters: [(wanted: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    func set(_ value: Int) {
        let due = state.withLock { state in
            state.value = value
            let due = state.waiters.filter { $0.wanted == value }
            state.waiters.removeAll { $0.wanted == value }
            return due
        }
        for waiter in due { waiter.continuation.resume() }
    }

    func wait(for wanted: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.value != wanted { state.waiters.append((wanted, continuation)) }
                return state.value == wanted
            }
            if isThere { continuation.resume() }
        }
    }
}
