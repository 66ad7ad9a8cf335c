import Glibc
package import Graphs
import LinuxIO

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Reads a foreign file, whatever it is.
package enum Importer {
    /// What files begin with.
    package enum Kind: Sendable {
        case onnx
        /// Named tensors: `.pt`, `.pth` or safetensors.
        case named

        /// - Throws: for what is recognised and not supported.
        package init(_ bytes: Data, path: String) throws(ImportError) {
            let head = Array(bytes.prefix(16))
            if head.starts(with: [0x50, 0x4b, 3, 4]) || head.starts(with: [0x50, 0x4b, 5, 6]) {
                self = .named
            } else if head.count > 8, head[8] == UInt8(ascii: "{"), head[4..<8].allSatisfy({ $0 == 0 }) {
                self = .named
            } else if head.count > 2, head[0] == 0x80, (2...5).contains(head[1]) {
                throw ImportError(
                    path: path,
                    "is a bare pickle, as PyTorch wrote before version 1.6; load it and save it with a newer torch.save"
                )
            } else {
                self = .onnx
            }
        }
    }

    /// - Parameter architecture: name of the network whose tensors a file without a graph holds.
    /// - Throws: `noInput` when there is no such file, `io` when it cannot be read, `usage` when the network is not named or
    ///   not known, `badData` with the first thing that is wrong with it or that this program has no operation for.
    package static func read(
        _ path: String, architecture: String? = nil, settings: ImportSettings
    ) throws(ImportError) -> (model: ImportedModel, tensors: TensorTable) {
        let bytes: Data
        do {
            let file = try WholeFile(path: path, limit: ImportLimits.fileBytes)
            bytes = unsafe file.bytes.withUnsafeBytes { unsafe Data($0) }
        } catch {
            let reading = ModelFileError(reading: path, error)
            let code: ImportError.Code = reading.code == .noInput ? .noInput : reading.code == .io ? .io : .badData
            throw ImportError(code: code, path: path, reading.message)
        }
        switch try Kind(bytes, path: path) {
        case .onnx:
            if let architecture {
                throw ImportError(
                    code: .usage, path: path,
                    "is an ONNX file, which says itself what its network is; leave --network \(architecture.printable) out"
                )
            }
            return try ONNXImport.read(bytes, path: path, settings: settings)
        case .named:
            let known = NetworkCatalog.everyName.joined(separator: ", ")
            guard let architecture else {
                throw ImportError(
                    code: .usage, path: path,
                    "holds tensors without saying of which network; name it with --network: \(known)")
            }
            guard let network = KnownNetwork.named(architecture) else {
                throw ImportError(
                    code: .usage, path: path, "--network \(architecture.printable) is unknown; known are \(known)")
            }
            let (model, tensors) = try NamedImport.model(bytes, path: path, network: network, settings: settings)
            return (.float(model), tensors)
        }
    }

    /// The same for files that must hold floats.
    package static func model(
        readingFrom path: String, architecture: String? = nil, settings: ImportSettings
    ) throws(ImportError) -> (model: FloatModel, tensors: TensorTable) {
        let (model, tensors) = try read(path, architecture: architecture, settings: settings)
        guard case .float(let float) = model else {
            throw ImportError(path: path, "is quantized already; float weights are needed here")
        }
        return (float, tensors)
    }
}
