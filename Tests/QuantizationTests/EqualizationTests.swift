import Tensors
import Testing

@testable import Graphs
@testable import Quantization

/// Networks whose channels have wildly different sizes.
struct EqualizationTests {
    /// Multiplies the linear channels of the small network by powers of two and divides whoever reads them.
    static func rescaled(_ model: FloatModel) throws -> FloatModel {
        var model = model
        // A skip ties block 2 to block 1.
        let powers: [(blocks: [Int], reader: Int)] = [([1, 2], 3)]
        for (blocks, last) in powers {
            let factors: [Float] = [64, 1, 0.125, 16, 0.015625, 4, 0.5, 32]
            for block in blocks {
                for suffix in ["weight", "bias"] {
                    let name = "blocks.\(block).project.bn.\(suffix)"
                    let values = try model.graph.parameter(name)
                    model.graph.parameters[name] = zip(values, factors).map { $0 * $1 }
                }
            }
            for reader in blocks.dropFirst() + [last] {
                let name = "blocks.\(reader).expand.conv.weight"
                let values = try model.graph.parameter(name)
                model.graph.parameters[name] = values.indices.map { values[$0] / factors[$0 % factors.count] }
            }
        }
        return model
    }

    @Test("Rescaling by powers of two leaves the float network bit for bit what it was")
    func sameFunction() throws {
        let model = try smallModel()
        let picture = try smallPictures(1).pixels(0, size: 24 * 24 * 3)
        let plain = try FloatInterpreter(model.graph, std: 64).run(pixels: picture)
        #expect(try FloatInterpreter(EqualizationTests.rescaled(model).graph, std: 64).run(pixels: picture) == plain)
    }

    @Test("Equalizing changes no output by more than rounding", arguments: EqualizeChannels.Scope.allCases)
    func pass(_ scope: EqualizeChannels.Scope) throws {
        let model = try EqualizationTests.rescaled(try smallModel())
        let float = try FloatInterpreter(try Lowering.apply(to: model.graph), std: 64)
        let pictures = smallPictures(6)
        let observed = try Calibrator(interpreter: float, threads: 2).observe(pictures, numbers: Array(0..<6))
        let pass = EqualizeChannels(graph: float.graph, shapes: float.shapes, observed: observed)
        let equalized = try FloatInterpreter(try #require(try pass.apply(scope)), std: 64)
        for number in 0..<6 {
            let picture = try pictures.pixels(number, size: 24 * 24 * 3)
            let (before, after) = (float.run(pixels: picture), equalized.run(pixels: picture))
            #expect(relativeDifference(before, after) < 1e-4, "\(scope.rawValue), picture \(number)")
        }
    }

    @Test("Badly scaled channels ruin min-max and cost the automatic choice nothing")
    func rescue() throws {
        let model = try smallModel()
        let bad = try EqualizationTests.rescaled(model)
        let pictures = smallPictures(12)
        func decibels(_ model: FloatModel, _ method: RangeMethod?) throws -> Double {
            var quantizer = Quantizer(method: method)
            if method != nil { quantizer.correctionImages = 0 }
            return try quantizer.quantize(model, pictures: pictures).report.outputDecibels
        }
        let (good, plain, ours) = (
            try decibels(model, nil), try decibels(bad, .minMax), try decibels(bad, nil)
        )
        #expect(plain < good - 10, "min-max \(plain) dB, well scaled \(good) dB")
        #expect(ours > good - 2, "ours \(ours) dB, well scaled \(good) dB")
    }
}
