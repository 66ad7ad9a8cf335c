import Tensors
import Testing

@testable import Graphs
@testable import Quantization

struct QuantizerTests {
    @Test("The integer network follows the float network", arguments: [1, 2, 3] as [UInt64])
    func fidelity(seed: UInt64) throws {
        let (model, report) = try Quantizer().quantize(
            try smallModel(seed: seed), pictures: smallPictures(12, seed: seed))
        #expect(report.outputDecibels > 20, "seed \(seed): \(report.outputDecibels) dB")
        #expect(report.layers.count == 14)
        for layer in report.layers { #expect(layer.sqnrDecibels ?? 0 > 15, "seed \(seed): \(layer.name)") }
        try model.graph.validate()
        #expect(model.labels.count == 5)
        #expect(model.provenance.calibrationImages == 12)
    }

    @Test("The same input gives the same bytes, whatever the number of threads")
    func determinism() throws {
        let model = try smallModel()
        let pictures = smallPictures(9)
        let first = try Quantizer(threads: 1).quantize(model, pictures: pictures)
        let second = try Quantizer(threads: 3).quantize(model, pictures: pictures)
        #expect(first.model.encoded() == second.model.encoded())
        #expect(first.report == second.report)
    }

    @Test("Activated values begin at byte -128 and use the byte's own saturation; linear ones keep the whole byte")
    func clamps() throws {
        let model = try Quantizer().quantize(try smallModel(), pictures: smallPictures(4)).model
        for node in model.graph.nodes {
            guard case .convolution(let convolution, _) = node.operation else { continue }
            #expect(convolution.low == -128 && convolution.high == 127, "\(node.name)")
            let isLinear = node.name.hasSuffix("project") && node.name != "blocks.3.project"
            #expect((node.params.zeroPoint == -128) != isLinear, "\(node.name)")
            if !isLinear { #expect(node.params.scale * 255 < 6.0001) }
        }
    }

    @Test("Biases that are off are put right by correction")
    func biasCorrection() throws {
        let model = try smallModel()
        let pictures = smallPictures(8)
        let float = try FloatInterpreter(try Lowering.apply(to: model.graph), std: 64)
        var graph = try Quantizer(method: .minMax).quantize(model, pictures: pictures).model.graph
        let numbers = pictures.spread(8)
        var logits: [Int: [Float]] = [:]
        for number in numbers { logits[number] = float.run(pixels: try pictures.pixels(number, size: 24 * 24 * 3)) }
        func decibels(_ graph: QuantizedGraph) throws -> Double {
            try LogitFidelity.measure(graph, against: logits, pictures: pictures, using: numbers, threads: 2).decibels
        }
        let good = try decibels(graph)
        for index in graph.nodes.indices {
            guard case .convolution(var convolution, let skip) = graph.nodes[index].operation else { continue }
            for c in convolution.bias.indices {
                convolution.bias[c] += Int32(0.2 / (0.02 * convolution.weightScales[c]))
            }
            graph.nodes[index].operation = .convolution(convolution, skip: skip)
        }
        let spoiled = try decibels(graph)
        let mended = try decibels(
            try BiasCorrection(float: float, threads: 2).apply(to: graph, pictures: pictures, using: numbers))
        #expect(spoiled < good - 6)
        #expect(mended > good - 1)
    }

    @Test("Few pictures and dead channels are warned about")
    func warnings() throws {
        var model = try smallModel()
        let weights = try model.graph.parameter("stem.conv.weight")
        model.graph.parameters["stem.conv.weight"] = [Float](repeating: 0, count: 27) + weights.dropFirst(27)
        let report = try Quantizer().quantize(model, pictures: smallPictures(3)).report
        #expect(report.warnings.contains("only 3 calibration pictures; use at least 50"))
        #expect(report.warnings.contains("stem: 1 of 8 channels are dead"))
        #expect(report.layers[0].deadChannels == 1)
    }

    @Test("No pictures, a picture of the wrong size and one that cannot be had are refused")
    func badPictures() throws {
        let model = try smallModel()
        func message(_ pictures: PictureSet) -> String? {
            failure { () throws(QuantizationError) in _ = try Quantizer().quantize(model, pictures: pictures) }?.message
        }
        struct Broken: Error, CustomStringConvertible { var description: String { "cannot decode" } }
        #expect(message(PictureSet([])) == "there are no calibration pictures; give at least one")
        #expect(message(PictureSet([[1, 2]])) == "calibration picture 0: has 2 bytes; the network reads 1728")
        #expect(message(PictureSet(count: 1) { _ in throw Broken() }) == "calibration picture 0: cannot decode")
    }

    @Test("The digest of the calibration pictures ignores their order and sees every pixel")
    func digest() throws {
        let model = try smallModel()
        var pictures = SyntheticModel.pictures(3, of: model.graph.input, seed: 9)
        var quantizer = Quantizer(method: .minMax)
        (quantizer.correctionImages, quantizer.measuredImages) = (0, 0)
        func digest(_ pictures: [[UInt8]]) throws -> String {
            try quantizer.quantize(model, pictures: PictureSet(pictures)).model.provenance.calibrationDigest
        }
        let first = try digest(pictures)
        #expect(first.count == 64)
        #expect(try digest(pictures.reversed()) == first)
        pictures[1][100] ^= 1
        #expect(try digest(pictures) != first)
    }

    @Test("A random network of a known table is ready to run")
    func synthetic() throws {
        let model = try SyntheticModel.quantized(smallTable, classes: 5, extent: 24)
        #expect(try SyntheticModel.quantized(smallTable, classes: 5, extent: 24) == model)
        let picture = SyntheticModel.pictures(1, of: model.graph.input, seed: 2)[0]
        let logits = IntegerInterpreter(model.graph).run(pixels: picture).logits
        #expect(Set(logits).count > 1, "its logits differ")
        #expect(try Model(parsing: model.encoded()) == model)
    }
}
