import CAllocationPeak
import Glibc
import Import
import ImportHarness
import LinuxIO
import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `tarsier-import-fuzz COUNT SEED FILE...`: damaged ONNX, `.pt` and safetensors files through the importers.
///
/// Every trial must end in a model or in an `ImportError`, and hold at no time more memory than `ImportLimits` allows for a
/// file of its size; what malloc gave out is counted. A trial that breaks the bound is written to `import-fuzz-bound`.
@main
enum Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4, let count = Int(arguments[1]), count > 0, let seed = UInt64(arguments[2]) else {
            print("usage: tarsier-import-fuzz COUNT SEED FILE...")
            exit(64)
        }
        let files = try arguments[3...].map { Array(try Data(contentsOf: URL(fileURLWithPath: $0))) }
        for (file, path) in zip(files, arguments[3...]) { _ = try model(Data(file), path) }
        var damage = FileDamage(seed: seed)
        var (refused, highest, slowest) = (0, 0, 0.0)
        var kinds = Set<String>()
        let begin = MonotonicClock.now()
        for _ in 0..<count {
            let file = files[Int.random(in: 0..<files.count, using: &damage.random)]
            let bytes = Data(damage.damage(file, others: files))
            let start = MonotonicClock.now()
            tsr_peak_reset()
            do { try model(bytes, "damaged") } catch {
                refused += 1
                if kinds.count < 1000 { kinds.insert(String(error.message.prefix(24))) }
            }
            let peak = tsr_peak_bytes()
            slowest = max(slowest, Double(MonotonicClock.now() - start) / 1e6)
            highest = max(highest, peak)
            guard peak <= ImportLimits.memory(fileBytes: bytes.count) else {
                try bytes.write(to: URL(fileURLWithPath: "import-fuzz-bound"))
                print("a file of \(bytes.count) bytes took \(peak) bytes: see import-fuzz-bound")
                exit(1)
            }
        }
        let seconds = Double(MonotonicClock.now() - begin) / 1e9
        print(
            "\(count) damaged files: \(refused) refused with \(kinds.count) kinds of message, \(count - refused) imported; "
                + "a trial held at most \(highest) bytes and took at most \(Int(slowest)) ms; \(Int(seconds)) s, seed \(seed)"
        )
    }

    private static func model(_ bytes: Data, _ path: String) throws(ImportError) {
        switch try Importer.Kind(bytes, path: path) {
        case .onnx: _ = try ONNXImport.read(bytes, path: path)
        case .named: _ = try NamedImport.model(bytes, path: path, network: .probe)
        }
    }
}
