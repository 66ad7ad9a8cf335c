internal import Kernels
internal import LinuxIO
internal import Planning
internal import Synchronization
internal import Tensors

/// What the workers of a session share while they execute its plan.
final class ExecutionState: Sendable {
    let plan: Plan
    let arena: Arena
    let stepEnds = StepEnds()
    private let scratch: [WorkerMemory]
    private let barrier = Barrier()

    init(plan: Plan, workers: Int) {
        self.plan = plan
        arena = Arena(
            activationBytes: plan.activationBytes, pictureHeight: plan.input.height, pictureWidth: plan.input.width,
            logits: plan.outputs)
        scratch = (0..<workers).map { _ in WorkerMemory(byteCount: plan.scratchBytes) }
    }

    /// One worker's part of one inference: its share of every step, in order. Workers meet after a step that they share
    /// and before one, but not at the end: who runs the team waits for all of it.
    func execute(worker: Int, of count: Int) {
        let isTimed = stepEnds.isRunning
        for (index, step) in plan.steps.enumerated() {
            if step.sharing(workers: count) == .channels {
                runByChannels(step, worker: worker, of: count)
            } else {
                let rows = BlockSharing.share(step.sharedRows, worker: worker, of: count)
                if !rows.isEmpty { run(step, rows: rows, scratch: scratch[worker]) }
            }
            let next = index + 1 < plan.steps.count ? plan.steps[index + 1] : nil
            if isTimed || next.map({ step.isShared || $0.isShared }) == true { barrier.wait(for: count) }
            if isTimed && worker == 0 { stepEnds.record(MonotonicClock.now()) }
        }
    }

    private func runByChannels(_ step: Step, worker: Int, of count: Int) {
        guard case .block(let block) = step.work, let place = step.panel else {
            preconditionFailure("only blocks with a panel are shared by channels")
        }
        let panel = arena.panel(
            at: place.offset, rows: block.outputHeight, width: block.outputWidth,
            blocks: block.depthwise.weights.blocks)
        let blocks = block.filterShare(worker: worker, of: count)
        if !blocks.isEmpty {
            block.filter(blocks, from: .pixels(source(step)), into: panel, scratch: scratch[worker].memory)
        }
        barrier.wait(for: count)
        let part = block.projectShare(worker: worker, of: count)
        if !part.isEmpty {
            block.project(part, of: panel, adding: skip(step), into: destination(step))
            if let table = step.table {
                let size = QuadLayout.blockChannels
                let output = destination(step).subrows(part.rows)
                let channels = part.blocks.lowerBound * size..<min(part.blocks.upperBound * size, output.channels)
                table(output.slice(channels), into: output.slice(channels))
            }
        }
    }

    /// Bytes of output between a layer and the table that is applied to it.
    private static let tableStripBytes = 16 << 10

    private func run(_ step: Step, rows: Range<Int>, scratch: WorkerMemory) {
        guard let table = step.table, let place = step.destination else {
            compute(step, rows: rows, scratch: scratch)
            return
        }
        let rowBytes = place.shape.width * step.channels.destination.count
        var strip = max(1, ExecutionState.tableStripBytes / rowBytes)
        if case .block = step.work { strip = rows.count }
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: strip) {
            let part = first..<min(first + strip, rows.upperBound)
            compute(step, rows: part, scratch: scratch)
            let output = destination(step).subrows(part)
            table(output, into: output)
        }
    }

    private func compute(_ step: Step, rows: Range<Int>, scratch: WorkerMemory) {
        switch step.work {
        case .block(let block):
            let input: SeparableBlock.Input = step.source.map { _ in .pixels(source(step)) } ?? .picture(arena.picture)
            block.run(rows, from: input, adding: skip(step), into: destination(step), scratch: scratch.memory)
        case .pointwise(let layer, let scale):
            let added = skip(step).flatMap { pixels in
                scale.map {
                    SkipInput(pixels: pixels.subrows(rows), zeroPoint: $0.zeroPoint, multiplier: $0.multiplier)
                }
            }
            layer(source(step).subrows(rows), into: destination(step).subrows(rows), adding: added)
        case .pool(let layer): layer(source(step), into: destination(step))
        case .dense(let layer):
            let input = source(step)
            arena.withLogits { logits in layer(input, into: &logits) }
        case .convolution(let layer):
            let pixels = step.source.map { _ in source(step) }
            layer.run(
                rows, from: pixels.map { WindowSource($0) } ?? WindowSource(arena.picture), pixels: pixels,
                adding: skip(step), into: destination(step), scratch: scratch.memory)
        case .depthwise(let layer): layer(rows, source(step), into: destination(step).subrows(rows))
        case .windowPool(let layer): layer(rows, source(step), into: destination(step).subrows(rows))
        case .table(let layer): layer(source(step).subrows(rows), into: destination(step).subrows(rows))
        case .pair(let layer):
            guard let second = skip(step) else { preconditionFailure("a pair has two operands") }
            let output = destination(step)
            let isWhole = second.rows == output.rows && second.width == output.width
            layer(
                source(step).subrows(rows), isWhole ? second.subrows(rows) : second, into: output.subrows(rows))
        case .move(let move): move(source(step).subrows(rows), into: destination(step).subrows(rows))
        }
    }

    private func view(_ placement: Placement, _ channels: Range<Int>) -> PixelsView {
        let whole = arena.pixels(at: placement.offset, shape: placement.shape)
        return channels.count == whole.channels ? whole : whole.slice(channels)
    }

    private func source(_ step: Step) -> PixelsView {
        guard let place = step.source else { preconditionFailure("only convolutions read the picture") }
        return view(place, step.channels.source)
    }

    private func skip(_ step: Step) -> PixelsView? { step.skip.map { view($0, step.channels.skip) } }

    private func destination(_ step: Step) -> PixelsView {
        guard let place = step.destination else { preconditionFailure("only a dense layer writes logits") }
        return view(place, step.channels.destination)
    }
}

/// One worker's scratch, as a reference that an array can hold.
final class WorkerMemory: Sendable {
    let memory: WorkerScratch

    init(byteCount: Int) { memory = WorkerScratch(byteCount: byteCount) }
}

/// When each step of a timed inference ended.
final class StepEnds: Sendable {
    private let ends = Mutex<[UInt64]>([])
    private let isOn = Atomic<Bool>(false)

    var isRunning: Bool { isOn.load(ordering: .acquiring) }

    func start(count: Int) {
        ends.withLock { ends in
            ends.removeAll(keepingCapacity: true)
            ends.reserveCapacity(count)
        }
        isOn.store(true, ordering: .releasing)
    }

    func record(_ time: UInt64) { ends.withLock { $0.append(time) } }

    func stop() -> [UInt64] {
        isOn.store(false, ordering: .releasing)
        return ends.withLock { $0 }
    }
}
