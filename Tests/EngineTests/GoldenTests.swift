import Engine
import Graphs
import Kernels
import Planning
import Quantization
import Testing

/// The models that ship, on pictures that any machine can draw: the logits are committed, so that x86 and Arm, this release
/// and the next, can be held to the same bits.
@Suite struct GoldenTests {
    /// Bit patterns of the first and the last three logits of three pictures (seed 2026), by model.
    static let golden: [String: [[UInt32]]] = [
        "sm_v2": [
            [3_173_289_910, 3_174_903_646, 3_172_146_296, 3_164_602_303, 3_173_690_388, 3_172_374_364],
            [3_172_714_028, 3_174_284_245, 3_172_036_842, 3_165_253_808, 3_172_599_790, 3_173_820_981],
            [3_172_999_060, 3_174_492_447, 3_171_649_192, 3_166_583_228, 3_172_966_231, 3_173_901_349],
        ],
        "sm_v2_2_1_5": [
            [3_175_001_865, 3_168_090_900, 3_163_972_332, 3_157_682_045, 3_171_913_440, 3_171_503_416],
            [3_175_545_522, 3_165_980_583, 3_164_615_571, 3_151_945_493, 3_171_741_814, 3_171_167_781],
            [3_174_770_998, 3_171_282_458, 3_156_368_693, 3_154_003_805, 3_171_616_995, 3_171_679_224],
        ],
    ]

    @Test(arguments: golden.keys.sorted())
    func `The shipped models give the committed logits under every CPU mask`(name: String) throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let model = try Model(readingFrom: root + "/models/\(name).int8.safetensors")
        let expected = try #require(GoldenTests.golden[name])
        let pictures = SyntheticModel.pictures(expected.count, of: model.graph.input, seed: 2026)
        for mask in CPUFeatures.distinctMasks {
            let session = try Session(plan: Planner.plan(model.graph, for: mask.features), maxThreads: 2)
            for (index, picture) in pictures.enumerated() {
                session.setPicture(picture.span)
                session.run(threads: 2)
                let logits = session.logits.map(\.bitPattern)
                #expect(Array(logits.prefix(3) + logits.suffix(3)) == expected[index], "mask \(mask.name)")
            }
        }
    }
}
