internal import Graphs
internal import Kernels
internal import Tensors

/// Turns nodes of the integer graph into packed layers with the best kernels that the features allow.
struct LayerFactory {
    let graph: QuantizedGraph
    let features: CPUFeatures

    func pointwise(_ index: Int, to operation: KernelOperation) -> PointwiseLayer {
        let (node, convolution) = convolution(index)
        return PointwiseLayer(
            kernel: .best(operation, for: features), channels: node.shape.channels,
            inputs: graph.shape(ofValue: node.source).channels, weights: convolution.weights,
            params: params(node, convolution), output: output(node, convolution))
    }

    func depthwise(_ index: Int) -> DepthwiseLayer {
        let (node, convolution) = convolution(index)
        let operation: KernelOperation = convolution.window.stride == 1 ? .depthwise3x3Stride1 : .depthwise3x3Stride2
        return DepthwiseLayer(
            kernel: .best(operation, for: features), channels: node.shape.channels, weights: convolution.weights,
            params: params(node, convolution), output: output(node, convolution))
    }

    func stem(_ index: Int) -> StemLayer {
        let (node, convolution) = convolution(index)
        return StemLayer(
            kernel: .best(.stem3x3, for: features), channels: node.shape.channels, weights: convolution.weights,
            params: params(node, convolution), output: output(node, convolution))
    }

    func interleave(value: Int) -> InterleaveLayer {
        InterleaveLayer(kernel: .best(.interleave, for: features), zeroPoint: graph.params(ofValue: value).zeroPoint)
    }

    func pool(_ index: Int) -> PoolLayer {
        let node = graph.nodes[index]
        let input = graph.params(ofValue: node.source)
        return PoolLayer(
            kernel: .best(.globalAveragePool, for: features), inputZeroPoint: input.zeroPoint,
            multiplier: Requantization.poolMultiplier(
                inputScale: input.scale, outputScale: node.params.scale,
                pixels: graph.shape(ofValue: node.source).pixels),
            output: OutputRange(zeroPoint: node.params.zeroPoint, low: -128, high: 127))
    }

    func dense(_ index: Int, _ dense: QuantizedDense) -> DenseLayer {
        let node = graph.nodes[index]
        let input = graph.params(ofValue: node.source)
        let scales = dense.weightScales.map { Requantization.logitScale(inputScale: input.scale, weightScale: $0) }
        return DenseLayer(
            kernel: .best(.dense, for: features), channels: node.shape.channels,
            inputs: graph.shape(ofValue: node.source).channels, weights: dense.weights,
            params: ChannelParams(bias: dense.bias, multipliers: scales, inputZeroPoint: input.zeroPoint))
    }

    /// Scale of the tensor that node `index` adds, nil where it adds none.
    func skip(_ index: Int) -> (value: Int, scale: Step.SkipScale)? {
        let node = graph.nodes[index]
        guard case .convolution(_, let value?) = node.operation else { return nil }
        let params = graph.params(ofValue: value)
        let multiplier = Requantization.skipMultiplier(skipScale: params.scale, outputScale: node.params.scale)
        return (value, Step.SkipScale(zeroPoint: params.zeroPoint, multiplier: multiplier))
    }

    func convolution(_ index: Int) -> (QuantizedNode, QuantizedConvolution) {
        let node = graph.nodes[index]
        guard case .convolution(let convolution, _) = node.operation else {
            preconditionFailure("\(node.name) was matched as a convolution")
        }
        return (node, convolution)
    }

    func params(_ node: QuantizedNode, _ convolution: QuantizedConvolution) -> ChannelParams {
        let input = graph.params(ofValue: node.source)
        return ChannelParams(
            bias: convolution.bias,
            multipliers: convolution.weightScales.map {
                Requantization.multiplier(inputScale: input.scale, weightScale: $0, outputScale: node.params.scale)
            },
            inputZeroPoint: input.zeroPoint)
    }

    func output(_ node: QuantizedNode, _ convolution: QuantizedConvolution) -> OutputRange {
        OutputRange(zeroPoint: node.params.zeroPoint, low: convolution.low, high: convolution.high)
    }
}
