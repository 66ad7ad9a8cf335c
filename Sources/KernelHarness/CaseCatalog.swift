import Kernels

/// Every case of an operation, in a fixed order: awkward shapes in all data classes, the layers of SM_V2 in a few.
enum CaseCatalog {
    /// - Returns: the cases whose results are compared.
    static func cases(of operation: KernelOperation) -> [any KernelCase] {
        switch operation {
        case .pointwiseToQuads: pointwiseToQuads()
        case .pointwiseToPixels: pointwiseToPixels()
        case .depthwise3x3Stride1: depthwise(stride: 1)
        case .depthwise3x3Stride2: depthwise(stride: 2)
        case .stem3x3: stem()
        case .interleave: interleave()
        case .globalAveragePool: pool()
        case .dense: dense()
        case .windowDepthwise, .windowPool: windows(operation)
        case .lookup, .sum, .product: elements(operation)
        }
    }

    /// - Returns: the cases for guard pages. Which bytes a kernel touches does not depend on their values, so one class of
    ///   data is enough.
    static func guardCases(of operation: KernelOperation) -> [any KernelCase] {
        cases(of: operation).filter { $0.dataClass == .random }
    }

    /// Combines the lists so that every pair of neighbours in them occurs, without the full product.
    private static func combine(_ body: (_ index: Int, _ width: Int, _ channels: Int, _ inputs: Int) -> Void) {
        let (widths, channels, inputs) = (AwkwardExtents.widths, AwkwardExtents.channels, AwkwardExtents.inputs)
        var index = 0
        for (step, width) in widths.enumerated() {
            for turn in 0..<2 {
                body(
                    index, width, channels[(step * 5 + turn * 8) % channels.count],
                    inputs[(step * 7 + turn * 9) % inputs.count])
                index += 1
            }
        }
    }

    /// Long sums, up to the widest layer a model may have, and strips of many groups.
    private static let longShapes: [(rows: Int, width: Int, inputs: Int)] = [
        (2, 5, 1027), (1, 5, 8192), (4, 150, 33), (2, 20, 320),
    ]

    private static func pointwiseToQuads() -> [any KernelCase] {
        var shapes: [PointwiseCase] = []
        combine { index, width, channels, inputs in
            shapes.append(
                PointwiseCase(
                    toQuads: true, rows: 1 + index % 3, width: width, inputs: inputs, channels: channels,
                    gaps: .init(inPixel: index % 4 == 1 ? 8 : 0, inRow: index % 4 == 3 ? 100 : 0)))
        }
        shapes += longShapes.map {
            PointwiseCase(toQuads: true, rows: $0.rows, width: $0.width, inputs: $0.inputs, channels: 20)
        }
        var cases = everyClass(of: shapes)
        for layer in SMV2Shapes.expansions {
            cases += DataClass.essential.map {
                PointwiseCase(
                    toQuads: true, rows: 3, width: layer.extent, inputs: layer.inputs, channels: layer.channels,
                    dataClass: $0)
            }
        }
        return cases
    }

    private static func pointwiseToPixels() -> [any KernelCase] {
        var shapes: [PointwiseCase] = []
        combine { index, width, channels, inputs in
            for source in PointwiseCase.Source.allCases {
                for skip in PointwiseCase.Skip.allCases {
                    shapes.append(
                        PointwiseCase(
                            source: source, skip: skip, rows: 1 + index % 3, width: width, inputs: inputs,
                            channels: channels,
                            gaps: .init(
                                inPixel: source == .pixels && index % 4 == 1 ? 8 : 0,
                                inRow: source == .pixels && index % 4 == 3 ? 100 : 0,
                                outPixel: index % 5 == 2 ? 12 : 0, outRow: index % 5 == 4 ? 67 : 0)))
                }
            }
        }
        for source in PointwiseCase.Source.allCases {
            shapes += longShapes.map {
                PointwiseCase(
                    source: source, skip: .separate, rows: $0.rows, width: $0.width, inputs: $0.inputs, channels: 20)
            }
        }
        // All classes for every shape, each with one of its variants in turn; the random class with all.
        var cases: [any KernelCase] = []
        for (index, shape) in shapes.enumerated() {
            for (turn, dataClass) in DataClass.allCases.enumerated() {
                let isTurn = (index + turn) % 3 == 0
                if isTurn || dataClass == .random || dataClass == .cancellation && shape.skip != .none {
                    var shape = shape
                    shape.dataClass = dataClass
                    cases.append(shape)
                }
            }
        }
        for layer in SMV2Shapes.projections {
            cases += DataClass.essential.map {
                PointwiseCase(
                    source: .panel, skip: layer.hasSkip ? .separate : .none, rows: layer.extent > 14 ? 2 : 1,
                    width: layer.extent, inputs: layer.inputs, channels: layer.channels, dataClass: $0)
            }
        }
        return cases
    }

    private static func depthwise(stride: Int) -> [any KernelCase] {
        var shapes: [DepthwiseCase] = []
        combine { index, width, channels, _ in
            shapes.append(DepthwiseCase(stride: stride, rows: 1 + index % 4, width: width, channels: channels))
        }
        var cases: [any KernelCase] = shapes.flatMap { shape in
            DataClass.allCases.map { dataClass in
                var shape = shape
                shape.dataClass = dataClass
                return shape
            }
        }
        for layer in SMV2Shapes.depthwise where layer.stride == stride {
            cases += DataClass.essential.map {
                DepthwiseCase(
                    stride: stride, rows: 2, width: layer.extent, channels: layer.channels, dataClass: $0)
            }
        }
        return cases
    }

    private static func stem() -> [any KernelCase] {
        var cases: [any KernelCase] = []
        combine { index, width, channels, _ in
            // Widths of the picture on both sides of even: the output has half of them.
            for dataClass in DataClass.allCases {
                cases.append(
                    StemCase(
                        rows: 1 + index % 3, width: 2 * width - index % 2, channels: channels, dataClass: dataClass))
            }
        }
        cases += DataClass.essential.map {
            StemCase(rows: 2, width: SMV2Shapes.stem.extent, channels: SMV2Shapes.stem.channels, dataClass: $0)
        }
        return cases
    }

    private static func interleave() -> [any KernelCase] {
        var cases: [any KernelCase] = []
        combine { index, width, channels, _ in
            for dataClass in [DataClass.random, .relu6, .zeroPointsHighLow] {
                cases.append(
                    InterleaveCase(
                        rows: 1 + index % 3, width: width, channels: channels, gap: index % 3 == 1 ? 8 : 0,
                        dataClass: dataClass))
            }
        }
        cases.append(InterleaveCase(rows: 2, width: 112, channels: 32))
        return cases
    }

    private static func pool() -> [any KernelCase] {
        var cases: [any KernelCase] = []
        combine { index, width, channels, _ in
            for dataClass in DataClass.allCases where dataClass != .wideAccumulators && dataClass != .cancellation {
                cases.append(
                    PoolCase(
                        rows: 1 + index % 7, width: width, channels: channels, gap: index % 3 == 1 ? 8 : 0,
                        dataClass: dataClass))
            }
        }
        for dataClass in [DataClass.random, .allMin, .allMax, .halfWay] {
            cases.append(PoolCase(rows: 7, width: 7, channels: SMV2Shapes.pool.channels, dataClass: dataClass))
            cases.append(PoolCase(rows: 300, width: 300, channels: 17, dataClass: dataClass))  // beyond 16-bit sums
        }
        return cases
    }

    private static func dense() -> [any KernelCase] {
        var cases: [any KernelCase] = []
        combine { _, _, channels, inputs in
            for dataClass in DataClass.allCases {
                cases.append(DenseCase(inputs: inputs, channels: channels, dataClass: dataClass))
            }
        }
        for channels in [4, 100, 1000] {
            cases += DataClass.essential.map { DenseCase(inputs: 1024, channels: channels, dataClass: $0) }
        }
        return cases
    }

    private static func everyClass(of shapes: [PointwiseCase]) -> [any KernelCase] {
        shapes.flatMap { shape in
            DataClass.allCases.map { dataClass in
                var shape = shape
                shape.dataClass = dataClass
                return shape
            }
        }
    }
}
