internal import Kernels
internal import LinuxIO
package import Power

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The table that `tarsier tune` measured, in a file: JSON, valid for one CPU and one model.
package struct TuningFile: Hashable, Sendable, Codable {
    package struct Row: Hashable, Sendable, Codable {
        package var threads: Int
        package var latencyMs: Double
        package var cpuMs: Double
        /// Nil where nothing measures it.
        package var joules: Double?

        package init(threads: Int, latencyMs: Double, cpuMs: Double, joules: Double?) {
            self.threads = threads
            self.latencyMs = latencyMs
            self.cpuMs = cpuMs
            self.joules = joules
        }

        enum CodingKeys: String, CodingKey {
            case threads
            case latencyMs = "latency_ms"
            case cpuMs = "cpu_ms"
            case joules
        }
    }

    package var format = TuningFile.currentFormat
    package var cpu: CPUIdentity
    package var modelSha256: String
    /// Milliseconds since 1970.
    package var measuredUnixMs: Int64
    package var rows: [Row]

    static let currentFormat = 1
    static let fileName = "tuning.json"

    enum CodingKeys: String, CodingKey {
        case format, cpu, rows
        case modelSha256 = "model_sha256"
        case measuredUnixMs = "measured_unix_ms"
    }

    package init(cpu: CPUIdentity, modelSha256: String, measuredUnixMs: Int64, rows: [Row]) {
        self.cpu = cpu
        self.modelSha256 = modelSha256
        self.measuredUnixMs = measuredUnixMs
        self.rows = rows
    }

    /// Nil when the rows are no table.
    package var table: LatencyTable? {
        LatencyTable(
            rows.map {
                LatencyTable.Row(
                    threads: $0.threads, latencyNs: $0.latencyMs * 1e6, cpuNs: $0.cpuMs * 1e6, joules: $0.joules)
            })
    }

    /// Where the file is when nobody names another place: the service's own state folder, or the user's.
    package static func defaultPath(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        // systemd gives a list; the first is the service's own.
        if let state = environment["STATE_DIRECTORY"]?.split(separator: ":").first { return "\(state)/\(fileName)" }
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return "\(state)/tarsier/\(fileName)" }
        if let home = environment["HOME"], home.hasPrefix("/"), home.count > 1 {
            return "\(home)/.local/state/tarsier/\(fileName)"
        }
        return "/var/lib/tarsier/\(fileName)"
    }

    /// Replaces the file in one step; makes its folder.
    package func write(to path: String) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        do {
            if !folder.isEmpty {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            try AtomicFile.write(Array(try encoder.encode(self)) + [0x0A], to: path)
        } catch let error as SystemError {
            throw Failure(error)
        } catch {
            throw Failure(.io, "\(path): cannot be written; name another place with --output")
        }
    }

    /// Reads a file of at most 64 KiB.
    /// - Throws: what is wrong with it.
    package static func read(_ path: String) throws(Failure) -> TuningFile {
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try SmallFile.bytes(at: path) } catch {
            throw Failure(error.errno == 2 ? .noInput : .io, "\(error)")
        }
        guard let file = try? JSONDecoder().decode(TuningFile.self, from: Data(bytes)), file.format == currentFormat
        else { throw Failure(.badData, "\(path): not a table of tarsier tune; run it again") }
        return file
    }

    /// The table at `path` (nil: the default place), when it was made for this CPU, this model and these CPUs and quota. One
    /// that was not is passed over with a remark; a default one that is absent is not worth a word.
    static func find(
        at path: String?, modelSha256: String, features: CPUFeatures = .detected, maxThreads: Int
    ) -> (table: LatencyTable?, remark: String?) {
        let place = path ?? defaultPath()
        let file: TuningFile
        do throws(Failure) { file = try read(place) } catch {
            let isWorthAWord = path != nil || error.code != .noInput
            return (nil, isWorthAWord ? "\(error); a quick estimate takes its place" : nil)
        }
        guard file.modelSha256 == modelSha256 else {
            return (nil, "\(place): tuned for another model; a quick estimate takes its place")
        }
        let here = CPUIdentity.current(features: features)
        guard file.cpu == here, let table = file.table else {
            return (nil, "\(place): tuned on \(file.cpu), this is \(here); a quick estimate takes its place")
        }
        return (LatencyTable(Array(table.rows.prefix(max(1, maxThreads)))), nil)
    }
}
