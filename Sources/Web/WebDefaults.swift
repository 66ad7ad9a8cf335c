internal import LinuxIO
internal import NIOCore
internal import TarsierClient

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
#if canImport(Glibc)
internal import Glibc
#endif

/// What `tarsier-web` takes where it is told nothing.
package enum WebDefaults {
    package static let socket = TarsierClient.defaultPath
    package static let models = "models/ in or above the program's folder, /usr/share/tarsier/models, /var/lib/tarsier"

    /// Folders that may hold the daemon's model.
    package static func modelFolders() -> [String] {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        var folder = program.split(separator: "/").dropLast().map(String.init)
        var places: [String] = []
        // A build lies three or four folders deep in the source tree.
        for _ in 0..<5 where !folder.isEmpty {
            places.append("/" + (folder + ["models"]).joined(separator: "/"))
            folder.removeLast()
        }
        return places + ["/usr/share/tarsier/models", "/var/lib/tarsier"]
    }

    /// The machine's own name, alone and as zeroconf announces it.
    package static func ownNames() -> [String] {
        var bytes = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&bytes, bytes.count - 1) == 0 else { return [] }
        let name = String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let short = name.prefix { $0 != "." }
        return name.isEmpty ? [] : [name, "\(short)", "\(short).local"]
    }

    /// All connections and the daemon's socket on one thread. Before anything else.
    package static func useOneThread() { NIOSingletons.groupLoopCountSuggestion = 1 }
}

/// Variables `TARSIER_WEB_...`; an empty one counts as absent.
package struct WebEnvironment: Sendable {
    private let values: [String: String]

    package init(_ values: [String: String] = ProcessInfo.processInfo.environment) { self.values = values }

    package subscript(_ name: String) -> String? { values["TARSIER_WEB_\(name)"].flatMap { $0.isEmpty ? nil : $0 } }

    /// Words with blanks between.
    package func list(_ name: String) -> [String] { (self[name] ?? "").split(separator: " ").map(String.init) }
}
