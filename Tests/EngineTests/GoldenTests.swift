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
        [3_208_722_016, 3_221_651_643, 3_222_000_029, 3_215_207_506, 3_220_864_606, 3_226_394_970],
        [3_213_312_072, 3_222_847_073, 3_219_466_245, 3_216_467_079, 3_222_607_509, 3_216_256_768],
        [3_207_005_207, 3_222_716_556, 3_216_759_870, 3_218_145_621, 3_223_247_039, 3_215_538_797],
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
