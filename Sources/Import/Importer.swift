import Glibc
package import Graphs
import LinuxIO

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads a foreign file, whatever it is.
package enum Importer {
    /// - Throws: `noInput` when there is no such file, `io` when it cannot be read, `badData` with the first thing that is
    ///   wrong with it or that this program has no operation for.
    package static func model(
        readingFrom path: String, settings: ImportSettings
    ) throws(ImportError) -> (model: FloatModel, tensors: TensorTable) {
        let bytes: Data
        do {
            let file = try WholeFile(path: path, limit: ImportLimits.fileBytes)
            bytes = unsafe file.bytes.withUnsafeBytes { unsafe Data($0) }
        } catch {
            let reading = ModelFileError(reading: path, error)
            let code: ImportError.Code = reading.code == .noInput ? .noInput : reading.code == .io ? .io : .badData
            throw ImportError(code: code, path: path, reading.message)
        }
        return try ONNXImport.model(bytes, path: path, settings: settings)
    }
}
