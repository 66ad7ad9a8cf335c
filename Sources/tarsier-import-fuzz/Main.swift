import Foundation
import Glibc
import Import
import LinuxIO
import Tensors

/// `tarsier-import-fuzz COUNT SEED FILE...`: damaged ONNX files through the importer.
///
/// Bytes flipped, runs cut out, doubled or overwritten with extreme lengths. Every trial must end in a model or in an
/// `ImportError`; the largest resident size must stay within the bound of `ImportLimits`.
@main
enum Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4, let count = Int(arguments[1]), count > 0, let seed = UInt64(arguments[2]) else {
            print("usage: tarsier-import-fuzz COUNT SEED FILE...")
            exit(64)
        }
        let files = try arguments[3...].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
        let largest = files.map(\.count).max() ?? 0
        for file in files { _ = try ONNXImport.model(file, path: "whole.onnx") }
        let before = try ProcessMemory.current().peakBytes
        var random = SplitMix64(seed: seed)
        var refused = 0
        for _ in 0..<count {
            let file = damaged(files[Int.random(in: 0..<files.count, using: &random)], &random)
            do { _ = try ONNXImport.model(file, path: "damaged.onnx") } catch { refused += 1 }
        }
        let grown = try ProcessMemory.current().peakBytes - before
        let bound = ImportLimits.memory(fileBytes: 2 * largest)
        print(
            "\(count) damaged files: \(refused) refused, \(count - refused) imported, peak grew by \(grown) bytes, seed \(seed)"
        )
        guard grown <= bound else {
            print("the bound is \(bound) bytes")
            exit(1)
        }
    }

    private static func damaged(_ file: Data, _ random: inout SplitMix64) -> Data {
        var bytes = Array(file)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard bytes.count > 16 else { break }
            let place = Int.random(in: 0..<bytes.count - 8, using: &random)
            let length = Int.random(in: 1...min(64, bytes.count - place - 1), using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.removeSubrange(place..<place + length)
            case 3: bytes.insert(contentsOf: Array(bytes[place..<place + length]), at: place)
            default: for i in 0..<5 { bytes[place + i] = 0xff }
            }
        }
        return Data(bytes)
    }
}
