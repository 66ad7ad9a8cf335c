import Graphs
import Tensors
import Testing

struct GraphTests {
    @Test("SM_V2 has the blocks, names and skips of its table")
    func structure() throws {
        let graph = try NetworkTable.smV2.graph(classes: 24)
        let shapes = try graph.shapes()
        let names = Set(graph.nodes.map(\.name))
        #expect(!names.contains("blocks.0.expand.conv"), "t = 1 has no expansion")
        #expect(
            graph.nodes.filter { if case .add = $0.operation { true } else { false } }.map(\.name) == [
                "blocks.2.add", "blocks.4.add", "blocks.6.add",
            ])
        #expect(names.contains("blocks.8.project.relu6") && !names.contains("blocks.7.project.relu6"))
        let last = try #require(graph.nodes.firstIndex { $0.name == "blocks.8.project.relu6" })
        #expect(shapes[last + 1] == Shape(height: 7, width: 7, channels: 1024))
        #expect(shapes.last == Shape(channels: 24))
    }

    @Test("Parameter names and shapes are those of the training code")
    func parameterNames() throws {
        let specs = try NetworkTable.smV2.graph(classes: 24).parameterSpecs()
        let shapes = Dictionary(uniqueKeysWithValues: specs.map { ($0.name, $0.dimensions) })
        #expect(shapes["stem.conv.weight"] == [32, 3, 3, 3])
        #expect(shapes["blocks.1.expand.conv.weight"] == [64, 16, 1, 1])
        #expect(shapes["blocks.1.depthwise.conv.weight"] == [64, 1, 3, 3])
        #expect(shapes["blocks.1.project.bn.running_var"] == [16])
        #expect(shapes["classifier.weight"] == [24, 1024])
        #expect(specs.count == 137)
    }

    @Test("The network without skips has none")
    func noSkips() throws {
        let graph = try NetworkTable.smV2Doubled.graph(classes: 24)
        #expect(!graph.nodes.contains { if case .add = $0.operation { true } else { false } })
    }

    private func graph(_ nodes: [Node], extent: Int = 8, channels: Int = 3) -> Graph {
        Graph(network: "test", input: Shape(height: extent, width: extent, channels: channels), nodes: nodes)
    }

    private func convolution(
        outputs: Int = 3, kernel: Int = 3, stride: Int = 1, padding: Int = 1, isDepthwise: Bool = false
    ) -> Node {
        let convolution = Convolution(
            outputs: outputs, kernel: kernel, stride: stride, padding: padding, isDepthwise: isDepthwise)
        return Node(name: "conv", operation: .convolution(convolution, skip: nil), source: 0)
    }

    @Test("A strided convolution rounds its output down")
    func stride() throws {
        let shapes = try graph([convolution(stride: 2)], extent: 7).shapes()
        #expect(shapes[1] == Shape(height: 4, width: 4, channels: 3))
    }

    @Test("An impossible node is named, with the cause")
    func badNodes() {
        let cases: [(Graph, String)] = [
            (graph([convolution(kernel: 16)]), "node conv: kernel 16"),
            (graph([convolution(stride: 0)]), "node conv: stride 0"),
            (graph([convolution(stride: 9)]), "node conv: stride 9"),
            (graph([convolution(padding: 3)]), "node conv: padding 3"),
            (graph([convolution(outputs: 0)]), "node conv: 0 channels"),
            (graph([convolution(outputs: 8193)]), "node conv: 8193 channels"),
            (graph([convolution(outputs: 4, isDepthwise: true)]), "node conv: is depthwise with 4 filters"),
            (graph([convolution(kernel: 11, padding: 0)]), "node conv: kernel 11 with padding 0 does not fit"),
            (graph([convolution(outputs: 8192)], extent: 1024), "node conv: its output 1024x1024x8192 has more"),
            (
                graph([Node(name: "d", operation: .dense(outputs: 2), source: 0)]),
                "node d: is dense on an input of 8x8x3"
            ),
            (graph([Node(name: "a", operation: .globalAveragePool, source: 1)]), "node a: reads value 1"),
            (graph([Node(name: "a", operation: .globalAveragePool, source: -1)]), "node a: reads value -1"),
            (
                graph([convolution(stride: 2), Node(name: "sum", operation: .add(other: 0), source: 1)]),
                "node sum: adds 8x8x3 to 4x4x3"
            ),
            (graph([convolution(), convolution()]), "node conv: the name occurs twice"),
            (graph([Node(name: "", operation: .globalAveragePool, source: 0)]), "node graph: has a node whose name"),
            (graph([]), "node graph: has 0 nodes"),
            (graph([convolution()], channels: 4), "node input: has 4 channels"),
            (graph([convolution()], extent: 1025), "node input: is 1025x1025x3"),
            (
                graph([Node(name: "c", operation: .clamp(Bounds(low: 1, high: 0)), source: 0)]),
                "node c: clamps to 1.0...0.0"
            ),
            (graph([Node(name: "n", operation: .batchNorm(epsilon: 0), source: 0)]), "node n: epsilon 0.0"),
        ]
        for (graph, expected) in cases {
            let error = failure { () throws(GraphError) in _ = try graph.shapes() }
            #expect(
                error?.description.hasPrefix(expected) == true, "wanted \(expected), got \(String(describing: error))")
        }
    }

    @Test("An int8 graph that reads what is not there yet, or is too large, is refused before anything relies on it")
    func badQuantizedGraphs() {
        func tiny(_ change: (inout QuantizedGraph) -> Void) -> QuantizedGraph {
            var graph = tinyModel().graph
            change(&graph)
            return graph
        }
        func square(_ extent: Int, _ channels: Int) -> Shape {
            Shape(height: extent, width: extent, channels: channels)
        }
        let cases: [(QuantizedGraph, String)] = [
            (tiny { $0.nodes[1].source = 2 }, "node blocks.0.expand: reads value 2, but only values 0...1 precede it"),
            (tiny { $0.nodes[0].source = 6 }, "node stem: reads value 6, but only values 0...0 precede it"),
            (tiny { $0.nodes[5].source = 600 }, "node classifier: reads value 600"),
            (tiny { $0.nodes[4].source = -1 }, "node pool: reads value -1"),
            (tiny { $0.nodes[4].source = .min }, "node pool: reads value -9223372036854775808"),
            (tiny { $0.nodes[4].operation = .multiply(other: 5) }, "node pool: reads value 5, but only values 0...4"),
            (tiny { $0.nodes[4].operation = .concat(others: [1, 9]) }, "node pool: reads value 9"),
            (
                tiny { $0.nodes[4].operation = .concat(others: [Int](repeating: 1, count: 64)) },
                "node pool: reads 65 values; 64 is the limit"
            ),
            (tiny { $0.input = square(1025, 3) }, "node input: is 1025x1025x3"),
            (tiny { $0.input = Shape(height: .max, width: .max, channels: 3) }, "node input: is 9223372036854775807x"),
            (
                tiny {
                    // Weights are not looked at for an output that would not fit.
                    ($0.input, $0.nodes[0].shape) = (square(1024, 3), square(512, 8192))
                }, "node stem: its output 512x512x8192 has more than 67108864 elements"
            ),
            (tiny { $0.nodes[0].shape = square(3, 8193) }, "node stem: 8193 channels are"),
            (tiny { $0.nodes[0].shape = square(3, .max) }, "node stem: 9223372036854775807 channels are"),
            (
                tiny { graph in graph.nodes = (0...1000).map { _ in graph.nodes[0] } },
                "node graph: has 1001 nodes; 1...1000 are supported"
            ),
        ]
        for (graph, expected) in cases {
            let error = failure { () throws(GraphError) in try graph.validate() }
            #expect(
                error?.description.hasPrefix(expected) == true, "wanted \(expected), got \(String(describing: error))")
        }
        #expect(failure { () throws(GraphError) in try tiny { _ in }.validate() } == nil)
    }

    @Test("A missing, misshapen or infinite parameter is named")
    func badParameters() throws {
        var graph = graph([convolution()])
        func message() -> String {
            failure { () throws(GraphError) in try graph.checkParameters() }?.description ?? "none"
        }
        #expect(message() == "node conv.weight: has no values")
        graph.parameters["conv.weight"] = [1]
        #expect(message().contains("has 1 elements where [3, 3, 3, 3] are needed"))
        graph.parameters["conv.weight"] = [Float](repeating: .nan, count: 81)
        #expect(message().contains("not finite"))
        graph.parameters["conv.weight"] = [Float](repeating: 1, count: 81)
        #expect(message() == "none")
    }

    @Test("A bad width multiplier or class count is refused")
    func badArguments() {
        for alpha in [0, -1, 3, Double.nan] {
            #expect(
                failure { () throws(GraphError) in _ = try NetworkTable.smV2.graph(classes: 2, alpha: alpha) } != nil)
        }
        for classes in [0, -5, 9000] {
            #expect(failure { () throws(GraphError) in _ = try NetworkTable.smV2.graph(classes: classes) } != nil)
        }
    }

    @Test("Multipliers are computed in double precision and rounded to 22 bits, half to even")
    func multipliers() {
        func multiplier(_ weightScale: Float) -> Float {
            Requantization.multiplier(inputScale: 1, weightScale: weightScale, outputScale: 1)
        }
        let step = Float(1).ulp
        #expect(multiplier(1 + step) == 1)
        #expect(multiplier(1 + 2 * step) == 1)
        #expect(multiplier(1 + 3 * step) == 1 + 4 * step)
        #expect(multiplier(1 + 6 * step) == 1 + 8 * step)
        #expect(multiplier(2 - step) == 2)
        // 0.1f * 0.3f / 0.7f rounded after each step is one unit in the last place away, and ends at another value.
        let exact = Double(Float(0.1)) * Double(Float(0.3)) / Double(Float(0.7))
        let rounded = Requantization.multiplier(inputScale: 0.1, weightScale: 0.3, outputScale: 0.7)
        #expect(abs(Double(rounded) - exact) <= 2 * Double(Float(exact).ulp))
        #expect(rounded.bitPattern & 3 == 0)
        #expect(Requantization.skipMultiplier(skipScale: 0.5, outputScale: 0.25) == 2)
        #expect(Requantization.poolMultiplier(inputScale: 0.5, outputScale: 0.25, pixels: 4) == 0.5)
        #expect(Requantization.logitScale(inputScale: 0.5, weightScale: 0.25) == 0.125)
    }
}
