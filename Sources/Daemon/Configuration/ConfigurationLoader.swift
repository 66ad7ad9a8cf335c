internal import LinuxIO

#if canImport(Glibc)
internal import Glibc
#endif
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Finds and reads the configuration files.
package enum ConfigurationLoader {
    /// Read when no other is named; may be missing.
    package static let defaultPath = "/etc/tarsier/tarsier.conf"

    /// A file larger than this is no configuration.
    static let sizeLimit = 1 << 20

    /// The main file and its drop-ins, `PATH.d/*.conf` by name, then the environment, then the flags.
    /// - Parameter path: nil is the default file, which may be missing; one that is named must be there.
    package static func load(
        _ path: String?, environment: [String: String] = ProcessInfo.processInfo.environment,
        flags: [String: String] = [:]
    ) -> Configuration {
        let main = path ?? defaultPath
        var files: [(path: String, text: String)] = []
        var problems: [Configuration.Problem] = []
        for file in [main] + dropIns(of: main, &problems) {
            do throws(SystemError) {
                let bytes = try SmallFile.bytes(at: file, limit: sizeLimit)
                files.append((file, String(decoding: bytes, as: UTF8.self)))
            } catch {
                if error.errno == ENOENT && path == nil && file == main { continue }
                problems.append(.init(origin: .file(path: file, line: 0), message: "cannot be read: \(error.reason)"))
            }
        }
        var configuration = Configuration(files: files, environment: environment, flags: flags)
        for problem in problems { configuration.add(problem) }
        return configuration
    }

    private static func dropIns(of main: String, _ problems: inout [Configuration.Problem]) -> [String] {
        let folder = main + ".d"
        do throws(SystemError) { _ = try FileStatus(of: folder) } catch { return [] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            problems.append(.init(origin: .file(path: folder, line: 0), message: "the folder cannot be read"))
            return []
        }
        return names.filter { $0.hasSuffix(".conf") && !$0.hasPrefix(".") }.sorted().map { "\(folder)/\($0)" }
    }
}

extension Configuration {
    /// What is to be run.
    /// - Throws: the first problem, in one line: `usage` for a flag, `configuration` for all else.
    package func checked() throws(Failure) -> RunConfiguration {
        guard let first = problems.first else { return run }
        let code: Failure.Code
        switch first.origin {
        case .flag: code = .usage
        case .standard, .file, .environment: code = .configuration
        }
        let more = problems.count - 1
        let rest = more == 0 ? "" : " (and \(more) more: tarsier config check)"
        throw Failure(code, "\(first)\(rest)")
    }
}
