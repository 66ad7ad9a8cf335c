import Foundation
import Tensors
import Testing

@testable import Graphs

/// The example of `docs/model-format.md`: what is printed there is what is written, byte for byte.
struct ModelFormatTests {
    /// One 1x1 convolution with ReLU6, a pool and a classifier of two labels on 2x2 pixels.
    static let example = Model(
        graph: QuantizedGraph(
            network: "example", input: Shape(height: 2, width: 2, channels: 3), inputParams: .pixels(std: 64),
            nodes: [
                QuantizedNode(
                    name: "stem",
                    operation: .convolution(
                        QuantizedConvolution(
                            kernel: 1, stride: 1, padding: 0, isDepthwise: false, weights: [127, -64, 0, 1, 2, -127],
                            weightScales: [0.0078125, 0.00390625], bias: [100, -2], low: -128, high: 127), skip: nil),
                    source: 0, shape: Shape(height: 2, width: 2, channels: 2),
                    params: QuantParams(scale: 0.0234375, zeroPoint: -128)),
                QuantizedNode(
                    name: "pool", operation: .globalAveragePool, source: 1, shape: Shape(channels: 2),
                    params: QuantParams(scale: 0.0234375, zeroPoint: -128)),
                QuantizedNode(
                    name: "classifier",
                    operation: .dense(
                        QuantizedDense(weights: [1, -1, -2, 2], weightScales: [0.5, 0.25], bias: [3, -3])),
                    source: 2, shape: Shape(channels: 2), params: QuantParams(scale: 1, zeroPoint: 0)),
            ]),
        preprocessing: Preprocessing(width: 2, height: 2, cropFraction: 1, std: 64), labels: ["cat", "dog"],
        temperature: 1,
        unknownThreshold: 0.5,
        provenance: Provenance(
            sourceSHA256: "", calibrationDigest: "", calibrationImages: 0, method: "by hand", source: "example"))

    /// As `xxd` prints it.
    static func hexdump(_ bytes: [UInt8]) -> String {
        func hex(_ value: Int, _ digits: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: digits - text.count) + text
        }
        return stride(from: 0, to: bytes.count, by: 16).map { start in
            let row = bytes[start..<min(bytes.count, start + 16)]
            var pairs = ""
            for (index, byte) in row.enumerated() { pairs += hex(Int(byte), 2) + (index % 2 == 1 ? " " : "") }
            let text = String(decoding: row.map { (0x20..<0x7f).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
            return "\(hex(start, 8)): \(pairs.padding(toLength: 40, withPad: " ", startingAt: 0)) \(text)"
        }.joined(separator: "\n")
    }

    private func page() throws -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let page = tests.deletingLastPathComponent().appendingPathComponent("docs/model-format.md")
        return try String(contentsOf: page, encoding: .utf8)
    }

    @Test("The page prints the very bytes that the writer writes")
    func pageShowsTheBytes() throws {
        let page = try page()
        let dump = ModelFormatTests.hexdump(ModelFormatTests.example.encoded())
        #expect(page.contains("```\n\(dump)\n```"), "the page needs this dump:\n\(dump)")
    }

    @Test("The bytes printed on the page are read as the model described there")
    func pageIsReadable() throws {
        let lines = try page().split(separator: "\n").filter { line in
            line.prefix(8).count == 8 && line.prefix(8).allSatisfy(\.isHexDigit) && line.dropFirst(8).hasPrefix(": ")
        }
        var bytes: [UInt8] = []
        for line in lines {
            let digits = line.dropFirst(10).prefix(40).filter { $0 != " " }
            for start in stride(from: 0, to: digits.count, by: 2) {
                bytes.append(try #require(UInt8(digits.dropFirst(start).prefix(2), radix: 16)))
            }
        }
        #expect(try Model(parsing: bytes) == ModelFormatTests.example)
    }

    @Test("The example does what the page says it does")
    func exampleIsValid() throws {
        try ModelFormatTests.example.graph.validate()
    }
}
