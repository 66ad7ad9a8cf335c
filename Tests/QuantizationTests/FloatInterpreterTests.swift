import Tensors
import Testing

@testable import Graphs
@testable import Quantization

/// The blocked loops against formulas written out once more, as plainly as possible.
struct FloatInterpreterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var extent = 7
        var inputs = 3
        var outputs = 5
        var kernel = 1
        var stride = 1
        var isDepthwise = false
        var testDescription: String {
            "\(extent)x\(extent)x\(inputs) to \(outputs), kernel \(kernel), stride \(stride)\(isDepthwise ? ", depthwise" : "")"
        }
    }

    static let cases = [
        Case(), Case(outputs: 8), Case(extent: 1, outputs: 17), Case(kernel: 3), Case(extent: 8, kernel: 3, stride: 2),
        Case(extent: 5, kernel: 5, stride: 3), Case(extent: 6, stride: 2),
        Case(outputs: 3, kernel: 3, isDepthwise: true),
        Case(extent: 8, outputs: 3, kernel: 3, stride: 2, isDepthwise: true),
    ]

    @Test("A convolution is the sum it is defined as", arguments: cases)
    func convolution(_ item: Case) throws {
        let convolution = Convolution(
            outputs: item.outputs, kernel: item.kernel, stride: item.stride, padding: item.kernel / 2,
            isDepthwise: item.isDepthwise, hasBias: true)
        var graph = Graph(
            network: "one", input: Shape(height: item.extent, width: item.extent, channels: 3),
            nodes: [Node(name: "c", operation: .convolution(convolution, skip: nil), source: 0)])
        var random = SplitMix64(seed: 11)
        for spec in try graph.parameterSpecs() {
            graph.parameters[spec.name] = (0..<spec.count).map { _ in random.float(in: -1, 1) }
        }
        let picture = SyntheticModel.pictures(1, of: graph.input, seed: 5)[0]
        let interpreter = try FloatInterpreter(graph, std: 64)
        let got = interpreter.run(pixels: picture)
        let x = interpreter.input(pixels: picture)
        let (weights, bias) = (try graph.parameter("c.weight"), try graph.parameter("c.bias"))
        let out = interpreter.shapes[1]
        let inputs = item.isDepthwise ? 1 : 3
        var expected: [Float] = []
        for y in 0..<out.height {
            for column in 0..<out.width {
                for o in 0..<out.channels {
                    var sum = bias[o]
                    for i in 0..<inputs {
                        for ky in 0..<item.kernel {
                            for kx in 0..<item.kernel {
                                let (sy, sx) = (
                                    y * item.stride + ky - item.kernel / 2, column * item.stride + kx - item.kernel / 2
                                )
                                guard (0..<item.extent).contains(sy), (0..<item.extent).contains(sx) else { continue }
                                let channel = item.isDepthwise ? o : i
                                sum +=
                                    x[(sy * item.extent + sx) * 3 + channel]
                                    * weights[((o * inputs + i) * item.kernel + ky) * item.kernel + kx]
                            }
                        }
                    }
                    expected.append(sum)
                }
            }
        }
        #expect(got.count == expected.count)
        #expect(relativeDifference(expected, got) < 1e-5)
    }

    @Test("Pixels are normalised around 128")
    func input() throws {
        let graph = Graph(
            network: "p", input: Shape(height: 1, width: 1, channels: 3),
            nodes: [Node(name: "pool", operation: .globalAveragePool, source: 0)])
        #expect(try FloatInterpreter(graph, std: 64).run(pixels: [0, 128, 255]) == [-2, 0, Float(127) / 64])
    }

    @Test("Every value is shown once, in order")
    func observation() throws {
        let model = try smallModel()
        var seen: [Int] = []
        let interpreter = try FloatInterpreter(model.graph, std: 64)
        let picture = try smallPictures(1).pixels(0, size: 24 * 24 * 3)
        _ = interpreter.run(
            pixels: picture, in: FloatWorkspace(),
            observe: { value, elements in
                seen.append(value)
                #expect(elements.count == interpreter.shapes[value].count)
            })
        #expect(seen == Array(0...model.graph.nodes.count))
    }

    @Test("Every build of the loops gives the same bits, for every value")
    func builds() throws {
        let graph = try Lowering.apply(to: try smallModel(seed: 5).graph)
        let picture = try smallPictures(1, seed: 8).pixels(0, size: 24 * 24 * 3)
        var first: [[Float]] = []
        for kernels in FloatKernels.builds {
            var values: [[Float]] = []
            _ = try FloatInterpreter(graph, std: 64, kernels: kernels).run(
                pixels: picture, in: FloatWorkspace(), observe: { _, elements in values.append(elements.elements) })
            if first.isEmpty { first = values }
            #expect(values == first, "\(kernels.name)")
        }
        #expect(first.count == graph.nodes.count + 1 && FloatKernels.builds.last?.name == "generic")
    }

    @Test("A workspace that has seen another network and another picture changes nothing")
    func workspace() throws {
        let workspace = FloatWorkspace()
        let pictures = smallPictures(2)
        let size = 24 * 24 * 3
        let first = try FloatInterpreter(try smallModel(seed: 1).graph, std: 64)
        let second = try FloatInterpreter(try Lowering.apply(to: try smallModel(seed: 2).graph), std: 64)
        let expected = second.run(pixels: try pictures.pixels(1, size: size))
        _ = first.run(pixels: try pictures.pixels(0, size: size), in: workspace)
        #expect(second.run(pixels: try pictures.pixels(1, size: size), in: workspace) == expected)
    }
}
