import Graphs
import Tensors

/// A small int8 network that uses every operation: stem with stride 2, expansion, depthwise, projection with skip, pool,
/// dense; 6x6 pixels, two labels.
func tinyModel() -> Model {
    func weights(_ count: Int) -> [Int8] { (0..<count).map { Int8(truncatingIfNeeded: ($0 * 37 + 11) % 255 - 127) } }
    func convolution(
        outputs: Int, inputs: Int, kernel: Int = 1, stride: Int = 1, isDepthwise: Bool = false, low: Int8 = -128
    ) -> QuantizedConvolution {
        QuantizedConvolution(
            kernel: kernel, stride: stride, padding: kernel / 2, isDepthwise: isDepthwise,
            weights: weights(outputs * kernel * kernel * inputs),
            weightScales: (0..<outputs).map { 0.001 * Float($0 + 1) },
            bias: (0..<outputs).map { Int32($0 * 100 - 150) },
            low: low, high: 127)
    }
    let activated = QuantParams(scale: 6 / 255, zeroPoint: -128)
    let linear = QuantParams(scale: 0.05, zeroPoint: 7)
    func shape(_ extent: Int, _ channels: Int) -> Shape { Shape(height: extent, width: extent, channels: channels) }
    let nodes = [
        QuantizedNode(
            name: "stem", operation: .convolution(convolution(outputs: 4, inputs: 3, kernel: 3, stride: 2), skip: nil),
            source: 0, shape: shape(3, 4), params: activated),
        QuantizedNode(
            name: "blocks.0.expand", operation: .convolution(convolution(outputs: 8, inputs: 4), skip: nil), source: 1,
            shape: shape(3, 8), params: activated),
        QuantizedNode(
            name: "blocks.0.depthwise",
            operation: .convolution(convolution(outputs: 8, inputs: 1, kernel: 3, isDepthwise: true), skip: nil),
            source: 2,
            shape: shape(3, 8), params: activated),
        QuantizedNode(
            name: "blocks.0.project", operation: .convolution(convolution(outputs: 4, inputs: 8), skip: 1), source: 3,
            shape: shape(3, 4), params: linear),
        QuantizedNode(
            name: "pool", operation: .globalAveragePool, source: 4, shape: Shape(channels: 4), params: linear),
        QuantizedNode(
            name: "classifier",
            operation: .dense(QuantizedDense(weights: weights(8), weightScales: [0.01, 0.02], bias: [5, -5])),
            source: 5,
            shape: Shape(channels: 2), params: QuantParams(scale: 1, zeroPoint: 0)),
    ]
    return Model(
        graph: QuantizedGraph(
            network: "tiny", input: shape(6, 3), inputParams: .pixels(std: 64), nodes: nodes),
        preprocessing: Preprocessing(width: 6, height: 6, cropFraction: 0.875, std: 64), labels: ["cat", "dög"],
        temperature: 1.25, unknownThreshold: 0.4,
        provenance: Provenance(
            sourceSHA256: "ab", calibrationDigest: "cd", calibrationImages: 7, method: "min-max", source: "made by hand"
        ))
}

extension Model {
    /// The model with one node changed.
    func changing(_ node: Int, _ change: (inout QuantizedNode) -> Void) -> Model {
        var model = self
        change(&model.graph.nodes[node])
        return model
    }

    /// The model with one convolution changed.
    func changingConvolution(_ node: Int, _ change: (inout QuantizedConvolution) -> Void) -> Model {
        changing(node) { node in
            guard case .convolution(var convolution, let skip) = node.operation else { return }
            change(&convolution)
            node.operation = .convolution(convolution, skip: skip)
        }
    }
}

/// A safetensors file with that header and that many zero bytes of data.
func safetensors(_ header: String, data: Int = 0, announced: UInt64? = nil) -> [UInt8] {
    let length = announced ?? UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + Array(header.utf8)
        + [UInt8](repeating: 0, count: data)
}

/// The error a call ends with; nil when it succeeds.
func failure<Failure: Error>(_ body: () throws(Failure) -> Void) -> Failure? {
    do { try body() } catch { return error }
    return nil
}
