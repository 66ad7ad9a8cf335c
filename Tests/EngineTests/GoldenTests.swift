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
        [3_173_289_910, 3_174_903_646, 3_172_146_296, 3_164_602_303, 3_173_690_388, 3_172_374_364],
        [3_172_714_028, 3_174_284_245, 3_172_036_842, 3_165_253_808, 3_172_599_790, 3_173_820_981],
        [3_172_999_060, 3_174_492_447, 3_171_649_192, 3_166_583_228, 3_172_966_231, 3_173_901_349],
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
