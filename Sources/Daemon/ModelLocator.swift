package import Graphs

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Finds the default model, so that commands work without `--model` from a package and from a source tree alike.
package enum ModelLocator {
    package static let fileName = "sm_v2.int8.safetensors"

    /// The path given, or else the first that exists of: `TARSIER_MODEL`, `models/` in or above the program's folder,
    /// `share/tarsier/models` beside it, `/usr/share/tarsier/models`.
    /// - Parameter option: where to name one, told when there is none.
    /// - Throws: `noInput` when there is none.
    package static func locate(_ given: String?, option: String = "--model") throws(Failure) -> String {
        if let given { return given }
        if let path = ProcessInfo.processInfo.environment["TARSIER_MODEL"] { return path }
        let candidates = candidates(
            program: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "")
        if let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) { return found }
        throw Failure(
            .noInput,
            "no model: \(fileName) is neither above the program's folder nor in /usr/share/tarsier/models; name one with \(option)"
        )
    }

    static func candidates(program: String) -> [String] {
        var folder = program.split(separator: "/").dropLast().map(String.init)
        var paths = ["/" + (folder.dropLast() + ["share", "tarsier", "models", fileName]).joined(separator: "/")]
        // A build lies three or four folders deep in the source tree.
        for _ in 0..<5 where !folder.isEmpty {
            paths.append("/" + (folder + ["models", fileName]).joined(separator: "/"))
            folder.removeLast()
        }
        return paths + ["/usr/share/tarsier/models/" + fileName]
    }
}

/// A model with the digest of the file it came from.
package struct LoadedModel: Sendable {
    package let path: String
    package let sha256: String
    package let model: Model

    /// Reads and checks a model file; nil takes the default one.
    package init(_ given: String?) throws(Failure) {
        let path = try ModelLocator.locate(given)
        do throws(ModelFileError) {
            let loaded = try Model.load(path)
            self.path = path
            model = loaded.model
            sha256 = loaded.sha256
        } catch {
            throw Failure(error)
        }
    }
}
