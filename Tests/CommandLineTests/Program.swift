import Foundation
import Synchronization
import Testing

/// The built program, run as a user runs it.
enum Program {
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let complaints: String

        /// Lines on stderr.
        var lines: [Substring] { complaints.split(separator: "\n") }
    }

    /// Root of the source tree.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// `TARSIER_PROGRAM`, or the release build, or the build that these tests belong to.
    static let path: String = {
        if let given = ProcessInfo.processInfo.environment["TARSIER_PROGRAM"] { return given }
        let candidates = ["release", "debug"].map { "\(root)/.build/\($0)/tarsier" }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? candidates[0]
    }()

    /// Whether a sanitizer watches the program: it takes more memory and time then.
    static let isSanitized = ProcessInfo.processInfo.environment["TARSIER_IS_SANITIZED"] != nil

    /// Whether an emulator runs the tests and the program (`scripts/arm64/test.sh`): everything takes longer then, and the
    /// kernel's figures of a process are also the emulator's.
    static let isEmulated = ProcessInfo.processInfo.environment["TARSIER_EMULATED_CPU"] != nil

    /// How many times longer than on a machine of its own the program may take.
    static let patience = isEmulated || isSanitized ? 4.0 : 1.0

    /// How often something is done, of which an emulated CPU does less: it takes a third of a second for a frame.
    static func times(_ count: Int, emulated: Int) -> Int { isEmulated ? emulated : count }

    /// What is built beside the tests.
    static func besideTests(_ name: String) throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: tests).deletingLastPathComponent().path + "/" + name
        return try #require(
            FileManager.default.fileExists(atPath: path) ? path : nil, "\(path) is built with the tests")
    }

    static let model = "\(root)/models/sm_v2.int8.safetensors"
    static let weights = "\(root)/models/sm_v2.float.safetensors"

    /// Runs to the end.
    static func run(_ arguments: String..., input: [UInt8]? = nil) throws -> Outcome {
        let running = try Running(arguments, input: input)
        return running.wait()
    }

    /// A JSON object from a line of output.
    static func object(_ text: some StringProtocol) throws -> [String: Any] {
        let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require(parsed as? [String: Any], "an object: \(text)")
    }
}

/// A program under way.
final class Running: Sendable {
    let process: Process
    private let output = Pipe()
    private let complaints = Pipe()

    /// Longer than anything here takes on a slow machine.
    private static let limitSeconds = 180.0 * Program.patience

    init(
        _ arguments: [String], program: String = Program.path, input: [UInt8]? = nil,
        environment: [String: String] = [:]
    ) throws {
        process = Process()
        if !environment.isEmpty {
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        }
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = complaints
        let pipe = Pipe()
        process.standardInput = pipe
        try Running.withoutBlockedSignals { try process.run() }
        // A program that hangs must fail its test, not hold up all others.
        let id = process.processIdentifier
        DispatchQueue.global().asyncAfter(deadline: .now() + Running.limitSeconds) { [weak process] in
            if process?.isRunning == true { kill(id, SIGKILL) }
        }
        if let input { try? pipe.fileHandleForWriting.write(contentsOf: Data(input)) }
        try pipe.fileHandleForWriting.close()
    }

    /// A child inherits what its parent's thread blocks, and the threads that tests run on block nearly everything: a
    /// program that does not set its own mask, such as Python, would not hear of SIGTERM.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    /// The next line on stdout; nil at its end. Only before `wait`.
    func line() -> String? {
        var bytes: [UInt8] = []
        while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first {
            if byte == 0x0A { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Asks it to end and reads the rest.
    @discardableResult
    func stop() -> Program.Outcome {
        process.terminate()
        return wait()
    }

    /// Reads both streams to their ends, then the status.
    func wait() -> Program.Outcome {
        let errors = Mutex(Data())
        let reader = Thread { [complaints] in
            let data = complaints.fileHandleForReading.readDataToEndOfFile()
            errors.withLock { $0 = data }
        }
        reader.start()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        while !reader.isFinished { Thread.sleep(forTimeInterval: 0.002) }
        return Program.Outcome(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            complaints: String(decoding: errors.withLock { $0 }, as: UTF8.self))
    }
}

/// A folder that goes with the test.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "tarsier-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }
}

/// The photos beside the project, which are never committed.
enum Photos {
    static let folder = "\(Program.root)/../shared/data"

    static var areThere: Bool { FileManager.default.fileExists(atPath: folder + "/test") }

    /// Whether a test may use the photos. Says plainly that it is skipped where there are none; where they are required
    /// (`TARSIER_REQUIRE_PHOTOS`, set in CI) their absence is a failure.
    static func available(_ test: String = #function) -> Bool {
        if areThere { return true }
        let message = "skipped: \(test) wants the photos in ../shared/data, which are not here"
        if ProcessInfo.processInfo.environment["TARSIER_REQUIRE_PHOTOS"] != nil {
            Issue.record("\(message), and TARSIER_REQUIRE_PHOTOS is set")
        } else {
            print(message)
        }
        return false
    }

    /// The first photos of a label of a split, by name.
    static func first(_ count: Int, of label: String, split: String = "test") throws -> [String] {
        let path = "\(folder)/\(split)/\(label)"
        return try FileManager.default.contentsOfDirectory(atPath: path).sorted().prefix(count).map { "\(path)/\($0)" }
    }

    static func labels(split: String = "test") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(split)").sorted()
    }
}
