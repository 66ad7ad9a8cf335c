import Kernels
import LinuxIO

/// One problem for the kernels of an operation: a shape, a variant and a class of data. Holds no memory.
protocol KernelCase: Sendable {
    var operation: KernelOperation { get }
    var dataClass: DataClass { get }
    /// Shape and variant in words.
    var shape: String { get }
    /// Multiply-accumulates, or bytes moved for an operation that has none.
    var work: Int { get }

    /// Makes the operands: the same bytes for the same seed, wherever they are placed.
    func prepare(_ placement: Placement, seed: UInt64) throws(SystemError) -> PreparedRun
}

extension KernelCase {
    /// What identifies a case, and what its seed is derived from.
    var label: String { "\(operation.rawValue) \(shape), \(dataClass.rawValue)" }
}

/// A case with its operands in memory.
final class PreparedRun {
    struct Output {
        let memory: Memory
        let layout: OutputLayout
        /// What the memory holds before a run, margins included: canaries, and a skip where output and skip are one.
        let initial: [UInt8]

        init(_ memory: Memory, _ layout: OutputLayout, initial: [UInt8]? = nil) {
            self.memory = memory
            self.layout = layout
            self.initial = initial ?? [UInt8](repeating: Memory.canary, count: memory.totalCount)
        }

        func reset() { memory.store(initial, at: -memory.margin) }
    }

    let outputs: [Output]
    private let makeRun: (Kernel) -> () -> Void

    /// - Parameter makeRun: packs the layer for a kernel; what it returns runs that kernel on the operands.
    init(outputs: [Output], _ makeRun: @escaping (Kernel) -> () -> Void) {
        self.outputs = outputs
        self.makeRun = makeRun
    }

    func bind(_ kernel: Kernel) -> () -> Void { makeRun(kernel) }

    /// Runs once on fresh outputs.
    /// - Returns: the memory of every output, margins included.
    func capture(_ run: () -> Void) -> [[UInt8]] {
        for output in outputs { output.reset() }
        run()
        return outputs.map { $0.memory.snapshot() }
    }
}

extension QuadMemory {
    func outputs() -> [PreparedRun.Output] {
        rows.enumerated().map { row, memory in
            PreparedRun.Output(memory, .quads(row: row, width: width, blocks: blocks))
        }
    }
}
