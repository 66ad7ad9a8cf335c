internal import Imaging
internal import Tensors

/// The gate at work: looks at a frame for a fraction of what preparing it costs, and says whether to infer it. Inference thread only.
final class MotionGate {
    private var sampler: LumaSampler
    private var gate: FrameGate
    private var grid = LumaGrid()
    private var isGridValid = false
    private var hasLooked = false

    /// Throws when there is no memory.
    init(_ configuration: GateConfiguration) throws(ImagingError) {
        sampler = try LumaSampler(configuration.preprocessing, region: configuration.region)
        gate = FrameGate(configuration)
    }

    /// What was before says nothing of what comes.
    func reset() { gate.reset() }

    /// A frame that cannot be read is let through: preparing it finds the same, and says so.
    func judge(_ frame: borrowing Frame) -> FrameGate.Verdict {
        hasLooked = gate.needsLook(atNs: frame.capturedNs)
        guard hasLooked else { return .settling }
        do throws(ImagingError) {
            try sampler.sample(frame, into: &grid)
            isGridValid = true
        } catch {
            isGridValid = false
        }
        return gate.judge(isGridValid ? grid : nil, atNs: frame.capturedNs)
    }

    /// The frame that was judged last was inferred.
    func inferred(atNs: UInt64, agrees: Bool) {
        guard hasLooked else { return gate.inferredUnseen(atNs: atNs) }
        gate.inferred(isGridValid ? grid : nil, atNs: atNs, agrees: agrees)
    }

    func restingRate(nowNs: UInt64) -> Double? { gate.restingRate(nowNs: nowNs) }
}
