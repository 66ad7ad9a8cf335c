internal import Graphs
internal import Kernels
internal import Tensors

// Layers beyond the separable blocks.

extension LayerFactory {
    func windowConvolution(_ index: Int) -> WindowConvolution {
        let (node, convolution) = convolution(index)
        let skip = skip(index)
        return WindowConvolution(
            kernel: .best(.pointwiseToPixels, for: features), geometry: geometry(convolution.window, of: node),
            inputs: graph.shape(ofValue: node.source).channels, outputs: node.shape.channels,
            groups: convolution.groups, weights: convolution.weights, params: params(node, convolution),
            output: output(node, convolution),
            padding: graph.padding(ofValue: node.source).map { StoredByte.encode($0) },
            skip: skip.map { ($0.scale.zeroPoint, $0.scale.multiplier) })
    }

    func windowDepthwise(_ index: Int) -> WindowDepthwise {
        let (node, convolution) = convolution(index)
        return WindowDepthwise(
            kernel: .best(.windowDepthwise, for: features), geometry: geometry(convolution.window, of: node),
            weights: convolution.weights, params: params(node, convolution), output: output(node, convolution))
    }

    func windowPool(_ index: Int, _ pool: Pool) -> WindowPool {
        let node = graph.nodes[index]
        let input = graph.params(ofValue: node.source)
        let multipliers: [Float] =
            pool.kind == .maximum
            ? []
            : (1...pool.window.taps).map { inside in
                Requantization.poolMultiplier(
                    inputScale: input.scale, outputScale: node.params.scale,
                    pixels: pool.countsPadding ? pool.window.taps : inside)
            }
        return WindowPool(
            kernel: .best(.windowPool, for: features), geometry: geometry(pool.window, of: node),
            inputZeroPoint: input.zeroPoint, multipliers: multipliers, output: whole(node))
    }

    func table(_ table: [Int8]) -> TableLayer { TableLayer(kernel: .best(.lookup, for: features), table: table) }

    /// From the bytes of one quantization to those of another; nil where both are the same.
    func rescaling(value: Int, to node: QuantizedNode) -> TableLayer? {
        let input = graph.params(ofValue: value)
        guard input != node.params else { return nil }
        let multiplier = Requantization.skipMultiplier(skipScale: input.scale, outputScale: node.params.scale)
        return table(
            (-128...127).map { (q: Int32) in
                let rounded = Int32((Float(q - Int32(input.zeroPoint)) * multiplier).rounded(.toNearestOrEven))
                return Int8(truncatingIfNeeded: min(max(rounded + Int32(node.params.zeroPoint), -128), 127))
            })
    }

    func sum(_ index: Int, other: Int, low: Int8, high: Int8) -> PairLayer {
        let node = graph.nodes[index]
        let (first, second) = (graph.params(ofValue: node.source), graph.params(ofValue: other))
        func multiplier(_ params: QuantParams) -> Float {
            Requantization.skipMultiplier(skipScale: params.scale, outputScale: node.params.scale)
        }
        return PairLayer(
            kernel: .best(.sum, for: features), zeroPoints: (first.zeroPoint, second.zeroPoint),
            multipliers: (multiplier(first), multiplier(second)),
            output: OutputRange(zeroPoint: node.params.zeroPoint, low: low, high: high))
    }

    func product(_ index: Int, other: Int) -> PairLayer {
        let node = graph.nodes[index]
        let (first, second) = (graph.params(ofValue: node.source), graph.params(ofValue: other))
        return PairLayer(
            kernel: .best(.product, for: features), zeroPoints: (first.zeroPoint, second.zeroPoint),
            multipliers: (
                Requantization.productMultiplier(
                    first: first.scale, second: second.scale, outputScale: node.params.scale), 1
            ), output: whole(node))
    }

    private func whole(_ node: QuantizedNode) -> OutputRange {
        OutputRange(zeroPoint: node.params.zeroPoint, low: -128, high: 127)
    }

    private func geometry(_ window: Window, of node: QuantizedNode) -> WindowGeometry {
        WindowGeometry(
            kernelHeight: window.height, kernelWidth: window.width, stride: window.stride, dilation: window.dilation,
            top: window.padding.top, left: window.padding.left, outputHeight: node.shape.height,
            outputWidth: node.shape.width)
    }
}
