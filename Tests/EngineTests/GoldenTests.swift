import Engine
import Graphs
import Kernels
import Planning
import Quantization
import Testing

/// The model that ships, on pictures that any machine can draw: the logits are committed, so that x86 and Arm, this release
/// and the next, can be held to the same bits.
@Suite struct GoldenTests {
    /// Bit patterns of the first and the last three logits of three pictures (seed 2026).
    static let golden: [[UInt32]] = [
        [3_208_801_197, 3_221_645_022, 3_222_031_336, 3_215_227_141, 3_220_872_416, 3_226_379_905],
        [3_213_206_674, 3_222_836_412, 3_219_394_020, 3_216_456_917, 3_222_585_531, 3_216_255_742],
        [3_206_992_187, 3_222_708_477, 3_216_818_844, 3_218_092_399, 3_223_254_237, 3_215_598_869],
    ]

    @Test func `The shipped model gives the committed logits under every CPU mask`() throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let model = try Model(readingFrom: root + "/models/sm_v2.int8.safetensors")
        let pictures = SyntheticModel.pictures(3, of: model.graph.input, seed: 2026)
        for mask in CPUFeatures.distinctMasks {
            let session = try Session(plan: Planner.plan(model.graph, for: mask.features), maxThreads: 2)
            for (index, picture) in pictures.enumerated() {
                session.setPicture(picture.span)
                session.run(threads: 2)
                let logits = session.logits.map(\.bitPattern)
                #expect(Array(logits.prefix(3) + logits.suffix(3)) == GoldenTests.golden[index], "mask \(mask.name)")
            }
        }
    }
}
