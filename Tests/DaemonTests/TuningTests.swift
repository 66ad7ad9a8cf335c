import Foundation
import Power
import Testing

@testable import Daemon

/// The table of `tarsier tune`, from measurement to file to governor.
@Suite struct TuningTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "tarsier-tuning-\(UUID().uuidString.prefix(8))"
    }

    private func file(_ cpu: CPUIdentity = .current()) -> TuningFile {
        TuningFile(
            cpu: cpu, modelSha256: "00ff", measuredUnixMs: 1,
            rows: [
                TuningFile.Row(threads: 1, latencyMs: 8, cpuMs: 8, joules: nil),
                TuningFile.Row(threads: 2, latencyMs: 4.5, cpuMs: 9, joules: 0.01),
            ])
    }

    @Test func `A table comes back as it was written`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/deep/tuning.json"
        try file().write(to: path)
        #expect(try TuningFile.read(path) == file())
        let table = TuningFile.find(at: path, modelSha256: "00ff", maxThreads: 4).table
        #expect(table?.rows.map(\.latencyNs) == [8e6, 4.5e6])
        #expect(table?.rows.map(\.joules) == [nil, 0.01])
    }

    @Test func `A table of another model, another machine or nonsense is passed over`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/tuning.json"
        let table = {
            TuningFile.find(at: path, modelSha256: "00ff", maxThreads: 4).table
        }
        #expect(table() == nil, "absent")
        try file().write(to: path)
        #expect(table() != nil)
        #expect(TuningFile.find(at: path, modelSha256: "0100", maxThreads: 4).table == nil)
        var other = CPUIdentity.current()
        other.quotaCPUs = 0.123
        try file(other).write(to: path)
        #expect(table() == nil)
        for text in ["", "{}", "[1]", "{\"format\":2}"] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            #expect(table() == nil, "\(text)")
        }
    }

    @Test func `The file lies in the service's state folder, or the user's`() {
        #expect(TuningFile.defaultPath(["STATE_DIRECTORY": "/var/lib/tarsier:/x"]) == "/var/lib/tarsier/tuning.json")
        #expect(TuningFile.defaultPath(["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/tarsier/tuning.json")
        #expect(TuningFile.defaultPath(["HOME": "/h"]) == "/h/.local/state/tarsier/tuning.json")
        #expect(TuningFile.defaultPath([:]) == "/var/lib/tarsier/tuning.json")
    }
}
