internal import CKernels

/// The operations that have kernels.
package enum KernelOperation: String, CaseIterable, Sendable {
    case pointwiseToQuads = "pointwise_quads"
    case pointwiseToPixels = "pointwise_pixels"
    case depthwise3x3Stride1 = "depthwise3x3s1"
    case depthwise3x3Stride2 = "depthwise3x3s2"
    case stem3x3 = "stem3x3"
    case interleave
    case globalAveragePool = "pool"
    case dense
    case windowDepthwise = "window_depthwise"
    case windowPool = "window_pool"
    case lookup
    case sum
    case product
}

/// How weights lie in memory for a kernel; drawn in `tsr_pack.h`.
package enum Packing: Hashable, Sendable {
    /// Cells of four signed bytes a lane, for vpdpbusd and sdot.
    case dot4
    /// The same cells widened to 16 bits, for pmaddwd.
    case pair16
    /// `dot4` with the stem's taps in fewer cells, for Arm.
    case dot4Tight
    /// Cells of eight signed bytes a channel, for smmla.
    case mmla8

    init(_ c: tsr_packing) {
        self =
            switch c {
            case TSR_PACKING_PAIR16: .pair16
            case TSR_PACKING_DOT4_TIGHT: .dot4Tight
            case TSR_PACKING_MMLA8: .mmla8
            default: .dot4
            }
    }

    var c: tsr_packing {
        switch self {
        case .dot4: TSR_PACKING_DOT4
        case .pair16: TSR_PACKING_PAIR16
        case .dot4Tight: TSR_PACKING_DOT4_TIGHT
        case .mmla8: TSR_PACKING_MMLA8
        }
    }
}

/// A kernel as data: one row of an operation's table.
package struct Kernel: Hashable, Sendable, CustomStringConvertible {
    package let operation: KernelOperation
    /// Row of the table; the tables list the best first and the scalar last.
    package let row: Int
    package let name: String
    package let needs: CPUFeatures
    package let packing: Packing

    /// Whether the CPU features given suffice.
    package func runs(on features: CPUFeatures) -> Bool { features.isSuperset(of: needs) }

    package var description: String { name }

    /// Every kernel of an operation, best first.
    package static func all(_ operation: KernelOperation) -> [Kernel] {
        switch operation {
        case .pointwiseToQuads: unsafe list(operation, tsr_pointwise_quads_table, \.needs, \.packing, \.name)
        case .pointwiseToPixels: unsafe list(operation, tsr_pointwise_pixels_table, \.needs, \.packing, \.name)
        case .depthwise3x3Stride1: unsafe list(operation, tsr_depthwise3x3s1_table, \.needs, \.packing, \.name)
        case .depthwise3x3Stride2: unsafe list(operation, tsr_depthwise3x3s2_table, \.needs, \.packing, \.name)
        case .stem3x3: unsafe list(operation, tsr_stem3x3_table, \.needs, \.packing, \.name)
        case .interleave: unsafe list(operation, tsr_interleave_table, \.needs, \.packing, \.name)
        case .globalAveragePool: unsafe list(operation, tsr_pool_table, \.needs, \.packing, \.name)
        case .dense: unsafe list(operation, tsr_dense_table, \.needs, \.packing, \.name)
        case .windowDepthwise: unsafe list(operation, tsr_window_depthwise_table, \.needs, \.packing, \.name)
        case .windowPool: unsafe list(operation, tsr_window_pool_table, \.needs, \.packing, \.name)
        case .lookup: unsafe list(operation, tsr_lookup_table, \.needs, \.packing, \.name)
        case .sum: unsafe list(operation, tsr_sum_table, \.needs, \.packing, \.name)
        case .product: unsafe list(operation, tsr_product_table, \.needs, \.packing, \.name)
        }
    }

    /// The best kernel of an operation that the features allow.
    package static func best(_ operation: KernelOperation, for features: CPUFeatures) -> Kernel {
        let kernels = all(operation)
        guard let best = kernels.first(where: { $0.runs(on: features) }) ?? kernels.last else {
            preconditionFailure("\(operation.rawValue) has no scalar kernel")
        }
        return best
    }

    /// The normative kernel of an operation.
    package static func scalar(_ operation: KernelOperation) -> Kernel { best(operation, for: []) }

    private static func list<Row>(
        _ operation: KernelOperation, _ table: (UnsafeMutablePointer<Int32>?) -> UnsafePointer<Row>?,
        _ needs: KeyPath<Row, UInt32>, _ packing: KeyPath<Row, tsr_packing>,
        _ name: KeyPath<Row, UnsafePointer<CChar>?>
    ) -> [Kernel] {
        var count: Int32 = 0
        guard let rows = unsafe table(&count) else { return [] }
        return (0..<Int(count)).map { index in
            let row = unsafe rows[index]
            let cName = unsafe row[keyPath: name]
            return Kernel(
                operation: operation, row: index, name: unsafe cName.map { unsafe String(cString: $0) } ?? "?",
                needs: CPUFeatures(rawValue: row[keyPath: needs]), packing: Packing(row[keyPath: packing]))
        }
    }
}
