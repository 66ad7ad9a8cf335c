internal import Kernels
package import LinuxIO
package import Planning
internal import Tensors

/// Runs a plan: one inference at a time, on the calling thread and on the helpers of its own team. No allocation after
/// the first inference.
///
/// Use from one thread at a time: write the picture, run, read the logits.
package final class Session: Sendable {
    package let plan: Plan
    /// The most threads an inference can use.
    package let maxThreads: Int
    private let state: ExecutionState
    private let team: WorkerTeam

    /// - Parameter maxThreads: at least 1; the arena and each worker's scratch are allocated here.
    /// - Throws: when threads cannot be started.
    package init(plan: Plan, maxThreads: Int) throws(SystemError) {
        let state = ExecutionState(plan: plan, workers: maxThreads)
        self.plan = plan
        self.maxThreads = maxThreads
        self.state = state
        team = try WorkerTeam(size: maxThreads) { worker, count in state.execute(worker: worker, of: count) }
    }

    /// The input buffer: RGB bytes, pixel (0, 0) at `pictureOrigin`, rows `pictureRowStride` bytes apart. The border
    /// around them belongs to the engine and must not be written.
    package func withPicture<Result, Failure: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try state.arena.withPictureBytes(body)
    }

    package var pictureOrigin: Int { PictureView.origin(width: plan.input.width) }
    package var pictureRowStride: Int { PictureView.rowStride(width: plan.input.width) }

    /// Copies a tightly packed RGB picture of the input's extent into the input buffer.
    package func setPicture(_ pixels: borrowing Span<UInt8>) {
        let row = plan.input.width * 3
        precondition(pixels.count == plan.input.height * row)
        let (origin, stride) = (pictureOrigin, pictureRowStride)
        for y in 0..<plan.input.height {
            state.arena.withPictureBytes { picture in
                for x in 0..<row { picture[origin + y * stride + x] = pixels[y * row + x] }
            }
        }
    }

    /// A copy of the input picture, tightly packed RGB.
    package var picture: [UInt8] {
        let row = plan.input.width * 3
        let (origin, stride) = (pictureOrigin, pictureRowStride)
        return state.arena.withPictureBytes { picture in
            (0..<(plan.input.height * row)).map { picture[origin + $0 / row * stride + $0 % row] }
        }
    }

    /// One inference of the picture in the input buffer.
    /// - Parameter threads: how many workers take part, 1 to `maxThreads`; the logits do not depend on it.
    package func run(threads: Int) { team.run(workers: threads) }

    /// The logits of the last inference, one a label.
    package func withLogits<Result>(_ body: (borrowing Span<Float>) -> Result) -> Result {
        state.arena.withLogits { logits in body(logits.span) }
    }

    /// The logits of the last inference, as a copy.
    package var logits: [Float] {
        withLogits { span in span.indices.map { span[$0] } }
    }

    /// What the last layer read in the last inference: the backbone's features, as logical bytes. The last step reads them
    /// and nothing is written after it, so they are still in their place.
    package var features: [Int8] {
        guard let place = plan.steps.last?.source else {
            preconditionFailure("a plan ends in a layer that reads a vector")
        }
        precondition(place.shape.pixels == 1)
        return state.arena.vector(at: place.offset, count: place.shape.channels)
    }

    /// Bytes of activations, input and logits, without weights and scratch.
    package var arenaBytes: Int { state.arena.byteCount }

    /// One inference with the time each step took, in nanoseconds, in the plan's order. For benches.
    package func runTimed(threads: Int) -> [UInt64] {
        state.stepEnds.start(count: plan.steps.count)
        let begin = MonotonicClock.now()
        run(threads: threads)
        let ends = state.stepEnds.stop()
        return zip(ends, [begin] + ends.dropLast()).map { $0 - $1 }
    }
}
