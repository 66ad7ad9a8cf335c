#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Environment variables that commands look at.
enum Environment {
    /// All of them.
    static var all: [String: String] { ProcessInfo.processInfo.environment }

    static func isSet(_ name: String) -> Bool { ProcessInfo.processInfo.environment[name] != nil }
}
