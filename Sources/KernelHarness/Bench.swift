package import Kernels
import LinuxIO

/// One kernel on one layer of SM_V2.
package struct BenchRow: Sendable {
    package let kernel: Kernel
    /// Name of the layer.
    package let layer: String
    /// What was run: a strip of the layer, as the fused block runs it.
    package let shape: String
    /// Multiply-accumulates of a call; bytes for an operation without any.
    package let work: Int
    package let timing: Timing
    /// Speed over that of the scalar kernel, per unit of work; 1 for the scalar itself.
    package let ratioToScalar: Double

    /// Units of work per nanosecond in the fastest sample: GMAC/s, or GB/s for an operation without products.
    package var gigaPerSecond: Double { Double(work) / timing.minimumNs }
    /// What `work` counts.
    package var unit: String {
        switch kernel.operation {
        case .interleave, .globalAveragePool, .windowPool, .lookup, .sum, .product: "GB/s"
        default: "GMAC/s"
        }
    }
}

/// Why there is no bench.
package enum BenchError: Error, CustomStringConvertible {
    /// The speed of a kernel that is wrong means nothing.
    case verificationFailed(VerificationReport)

    package var description: String {
        switch self {
        case .verificationFailed(let report):
            "kernels that fail verification are not benched; mend or mask them first:\n\(report)"
        }
    }
}

/// Verifies kernels, then measures each on the layers of SM_V2. One thread; for release builds (Swift's share of a call is
/// small but not nothing in a debug build).
/// - Parameters:
///   - operation: one operation; nil takes all.
///   - filter: name of a kernel, or a part of several names; nil takes all. The scalar is measured all the same.
///   - features: kernels that need more are left out.
///   - budgetNs: time to spend on one kernel and layer.
/// - Throws: `BenchError` when a kernel is wrong, `SystemError` when there is no memory.
package func bench(
    operation: KernelOperation? = nil, filter: String? = nil, seed: UInt64 = HarnessSeed.standard,
    features: CPUFeatures = .detected, budgetNs: UInt64 = 10_000_000
) throws -> [BenchRow] {
    let report = try verify(operation: operation, filter: filter, seed: seed, features: features)
    guard report.failures.isEmpty else { throw BenchError.verificationFailed(report) }
    let stopwatch = Stopwatch(budgetNs: budgetNs)
    var rows: [BenchRow] = []
    for operation in operation.map({ [$0] }) ?? KernelOperation.allCases {
        let kernels = report.rows.map(\.kernel).filter { $0.operation == operation && $0 != .scalar(operation) }
        guard report.rows.contains(where: { $0.kernel.operation == operation }) else { continue }
        for layer in BenchLayer.all(operation) {
            let scalar = try layer.measure(.scalar(operation), rows: layer.scalarRows, seed: seed, stopwatch)
            for kernel in kernels {
                let row = try layer.measure(kernel, rows: layer.rows, seed: seed, stopwatch)
                let ratio = row.gigaPerSecond / scalar.gigaPerSecond
                rows.append(
                    BenchRow(
                        kernel: kernel, layer: row.layer, shape: row.shape, work: row.work, timing: row.timing,
                        ratioToScalar: ratio))
            }
            rows.append(scalar)
        }
    }
    return rows
}

/// One layer of SM_V2 at a strip's height.
private struct BenchLayer {
    let name: String
    /// Output rows of a strip; 0 where an operation has none to choose.
    let rows: Int
    /// The scalar is slow, and its time per row the same in every row.
    var scalarRows: Int { min(rows, 1) }
    let makeCase: (_ rows: Int) -> any KernelCase

    /// Rows that fused blocks take at a time, give or take: operands stay in the second-level cache.
    private static let stripRows = 8

    static func all(_ operation: KernelOperation) -> [BenchLayer] {
        switch operation {
        case .pointwiseToQuads:
            SMV2Shapes.expansions.map { layer in
                BenchLayer(name: layer.name, rows: min(stripRows, layer.extent)) { rows in
                    PointwiseCase(
                        toQuads: true, rows: rows, width: layer.extent, inputs: layer.inputs,
                        channels: layer.channels, dataClass: .relu6)
                }
            }
        case .pointwiseToPixels:
            SMV2Shapes.projections.map { layer in
                BenchLayer(name: layer.name, rows: min(stripRows, layer.extent)) { rows in
                    PointwiseCase(
                        source: .panel, skip: layer.hasSkip ? .separate : .none, rows: rows, width: layer.extent,
                        inputs: layer.inputs, channels: layer.channels)
                }
            }
        case .depthwise3x3Stride1, .depthwise3x3Stride2:
            SMV2Shapes.depthwise.filter { $0.stride == (operation == .depthwise3x3Stride1 ? 1 : 2) }.map { layer in
                BenchLayer(name: layer.name, rows: min(stripRows, layer.extent / layer.stride)) { rows in
                    DepthwiseCase(
                        stride: layer.stride, rows: rows, width: layer.extent, channels: layer.channels,
                        dataClass: .relu6)
                }
            }
        case .stem3x3:
            [
                BenchLayer(name: SMV2Shapes.stem.name, rows: stripRows) { rows in
                    StemCase(
                        rows: rows, width: SMV2Shapes.stem.extent, channels: SMV2Shapes.stem.channels,
                        dataClass: .relu6)
                }
            ]
        case .interleave:
            [BenchLayer(name: "32 channels", rows: stripRows) { InterleaveCase(rows: $0, width: 112, channels: 32) }]
        case .globalAveragePool:
            [
                BenchLayer(name: SMV2Shapes.pool.name, rows: SMV2Shapes.pool.extent) { rows in
                    PoolCase(rows: rows, width: SMV2Shapes.pool.extent, channels: SMV2Shapes.pool.channels)
                }
            ]
        case .dense:
            [
                BenchLayer(name: SMV2Shapes.dense.name, rows: 0) { _ in
                    DenseCase(inputs: SMV2Shapes.dense.inputs, channels: SMV2Shapes.dense.channels)
                }
            ]
        case .windowDepthwise:
            // EfficientNet-B0's fifth stage.
            [
                BenchLayer(name: "5x5, 672 channels", rows: 14) { rows in
                    WindowCase(
                        kind: .depthwise, kernel: (5, 5), padding: 2, height: max(rows, 1), width: 14, channels: 672)
                }
            ]
        case .windowPool:
            [
                BenchLayer(name: "maximum 3x3 s2, 64 channels", rows: 16) { rows in
                    WindowCase(
                        kind: .maximum, kernel: (3, 3), stride: 2, padding: 1, height: max(2 * rows, 2), width: 112,
                        channels: 64)
                }
            ]
        case .lookup, .sum, .product:
            [
                BenchLayer(name: "196 pixels, 480 channels", rows: 196) { rows in
                    ElementCase(operation: operation, pixels: max(rows, 1), channels: 480)
                }
            ]
        }
    }

    func measure(
        _ kernel: Kernel, rows: Int, seed: UInt64, _ stopwatch: Stopwatch
    ) throws(SystemError) -> BenchRow {
        let test = makeCase(rows)
        let run = try test.prepare(.aligned, seed: HarnessSeed.derive(seed, test.label))
        let timing = stopwatch.time(run.bind(kernel))
        return BenchRow(
            kernel: kernel, layer: name, shape: test.shape, work: test.work, timing: timing, ratioToScalar: 1)
    }
}
