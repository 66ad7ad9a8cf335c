internal import Daemon
internal import FoundationEssentials

/// Configuration files: every mistake is a problem with its line, and the settings that stand are within bounds.
package struct ConfigurationSubject: FuzzSubject {
    package static let name = "configuration"
    package static let limit = 1024
    package static var words: [String] {
        Setting.all.map { "\($0.name) = " }
            + ["auto", "none", "on", "off", "640x480", "v4l2:", "scene:", "0.5", "-1", "1e999", "\"", "#", "%"]
    }
    package static var seeds: [[UInt8]] {
        [
            "# a comment\nsource = scene:\nrate = 5\nthreads = auto\nmax-temperature = 75\nsocket = \"/run/x y\"  # why\n",
            "camera-size = 640x480\ncamera-rate = 30\npower-line = 50\nexposure = auto\nmax-cpu-percent=50\n",
        ].map { Array($0.utf8) }
    }

    package init() {}

    package mutating func accepts(_ input: [UInt8]) -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        let configuration = Configuration(files: [(path: "fuzz.conf", text: text)])
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.count
        for problem in configuration.problems {
            promise(!problem.message.isEmpty, "a problem without words")
            guard case .file("fuzz.conf", let line) = problem.origin, (1...lines).contains(line) else {
                fatalError("broken promise: a problem of no line: \(problem)")
            }
        }
        let run = configuration.run
        promise((1...4096).contains(run.maxClients), "\(run.maxClients) clients")
        promise(run.rate.map { $0 > 0 && $0.isFinite } ?? true, "a rate of \(run.rate ?? 0)")
        if case .fixed(let threads) = run.threads { promise(threads >= 1, "\(threads) threads") }
        return configuration.problems.isEmpty
    }
}

/// The table that `tarsier tune` keeps.
package struct TuningSubject: FuzzSubject {
    package static let name = "tuning"
    package static var words: [String] {
        jsonWords
    }
    package static var seeds: [[UInt8]] {
        get throws {
            let cpu = CPUIdentity.current()
            let file = TuningFile(
                cpu: cpu, modelSha256: "ab", measuredUnixMs: 1_700_000_000_000,
                rows: [TuningFile.Row(threads: 1, latencyMs: 1.5, cpuMs: 1.5, joules: 0.01)])
            return [Array(try JSONEncoder().encode(file))]
        }
    }

    package init() {}

    package mutating func accepts(_ input: [UInt8]) -> Bool {
        guard let file = try? JSONDecoder().decode(TuningFile.self, from: Data(input)) else { return false }
        return file.table != nil
    }
}
