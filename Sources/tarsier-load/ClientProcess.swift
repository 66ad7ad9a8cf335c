import Foundation
import Wire

/// A `tarsier subscribe` in a process of its own, and what it wrote. Everything it says about state is checked.
final class ClientProcess {
    private let program: String
    private let socket: String
    private let path: String
    private var process: Process
    private var offset: UInt64 = 0
    private var rest = Data()
    private var run: String?
    private var lastState: UInt64 = 0
    /// Of the working point that the client knows of.
    private(set) var rate: Double?
    private(set) var states = 0
    private(set) var hellos = 0
    private(set) var broken: [String] = []

    init(program: String, socket: String, folder: String, number: Int) throws {
        self.program = program
        self.socket = socket
        path = "\(folder)/client-\(number).ndjson"
        process = try ClientProcess.start(program, socket, path)
    }

    private static func start(_ program: String, _ socket: String, _ path: String) throws -> Process {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        guard let output = FileHandle(forWritingAtPath: path) else { throw LoadError("cannot write \(path)") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["subscribe", "--socket", socket, "--every", "--json"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Ends it without warning; a new one knows nothing of before.
    func killAndRestart() throws {
        kill()
        try read()
        (offset, rest, run, rate) = (0, Data(), nil, nil)
        process = try ClientProcess.start(program, socket, path)
    }

    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    var isRunning: Bool { process.isRunning }

    /// Takes in what it has written since.
    func read() throws {
        guard let file = FileHandle(forReadingAtPath: path) else { throw LoadError("cannot read \(path)") }
        defer { try? file.close() }
        try file.seek(toOffset: offset)
        let new = try file.readToEnd() ?? Data()
        offset += UInt64(new.count)
        rest += new
        while let end = rest.firstIndex(of: 0x0A) {
            try take(Array(rest[rest.startIndex..<end]))
            rest = Data(rest[(end + 1)...])
        }
    }

    private func take(_ line: [UInt8]) throws {
        switch try ServerMessage(line: line) {
        case .hello(let hello):
            hellos += 1
            // The same run again: what was missed comes next, so the numbers go on.
            if hello.run != run { (run, lastState) = (hello.run, hello.stateSeq) }
            rate = hello.power?.rate ?? rate
        case .power(let event):
            rate = event.rate
            check(event.stateSeq)
        case .camera(let event): check(event.stateSeq)
        case .presence(let event): check(event.stateSeq)
        case .model(let event): check(event.stateSeq)
        case .result, .gap, .reply, .unknown: break
        }
    }

    private func check(_ number: UInt64?) {
        states += 1
        if number != lastState + 1, broken.count < 5 {
            broken.append("state event \(number.map { "\($0)" } ?? "without number") came after \(lastState)")
        }
        lastState = number ?? lastState
    }
}
