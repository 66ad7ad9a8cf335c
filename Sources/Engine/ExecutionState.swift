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
            block.project(part, of: panel, adding: step.skip.map(view), into: destination(step))
        }
    }

    private func run(_ step: Step, rows: Range<Int>, scratch: WorkerMemory) {
        switch step.work {
        case .block(let block):
            let input: SeparableBlock.Input = step.source.map { .pixels(view($0)) } ?? .picture(arena.picture)
            block.run(
                rows, from: input, adding: step.skip.map(view), into: destination(step), scratch: scratch.memory)
        case .pointwise(let layer, let scale):
            let skip = step.skip.flatMap { place in
                scale.map { scale in
                    SkipInput(
                        pixels: view(place).subrows(rows), zeroPoint: scale.zeroPoint, multiplier: scale.multiplier)
                }
            }
            layer(source(step).subrows(rows), into: destination(step).subrows(rows), adding: skip)
        case .pool(let layer): layer(source(step), into: destination(step))
        case .dense(let layer):
            let input = source(step)
            arena.withLogits { logits in layer(input, into: &logits) }
        }
    }

    private func view(_ placement: Placement) -> PixelsView {
        arena.pixels(at: placement.offset, shape: placement.shape)
    }

    private func source(_ step: Step) -> PixelsView {
        guard let place = step.source else { preconditionFailure("only blocks read the picture") }
        return view(place)
    }

    private func destination(_ step: Step) -> PixelsView {
        guard let place = step.destination else { preconditionFailure("only a dense layer writes logits") }
        return view(place)
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
