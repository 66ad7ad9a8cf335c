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
            [3_156_035_698, 3_157_054_187, 3_148_430_735, 1_013_369_810, 3_159_513_154, 3_161_705_084],
            [3_155_500_535, 3_151_996_811, 3_151_021_147, 1_010_622_928, 3_157_279_610, 3_164_934_091],
            [3_155_709_947, 3_155_242_830, 3_142_523_085, 1_008_650_808, 3_156_546_729, 3_164_950_164],
        ],
        "sm_v2_2_1_5": [
            [3_165_004_630, 3_157_570_977, 3_154_558_903, 3_142_725_644, 3_161_975_259, 3_157_746_910],
            [3_167_462_255, 3_144_237_463, 3_155_583_724, 984_795_075, 3_162_573_088, 3_156_340_442],
            [3_167_015_414, 3_161_035_677, 3_142_644_135, 974_823_150, 3_162_739_513, 3_156_020_790],
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
