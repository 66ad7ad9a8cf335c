package import Engine
package import Graphs
package import Imaging
package import Kernels
internal import LinuxIO
internal import Planning
package import Tensors

#if canImport(Glibc)
internal import Glibc
#endif

/// From a frame to labels with scores: preprocessing, the integer network, softmax. Use from one thread at a time.
package final class Classifier {
    /// One a logit. The model itself is not kept: its weights are packed in the session's plan.
    package let labels: [String]
    package let session: Session
    private let temperature: Float
    package let unknownThreshold: Float
    /// What counts of a picture; nil is all of it.
    package let region: RegionOfInterest?
    private var preparer: Preparer
    /// How pictures are cut and resized.
    package var preprocessing: Preprocessing { preparer.preprocessing }
    /// [labels] of the last frame, each in [0, 1], 1 together.
    package private(set) var scores: [Float]

    /// Plans the model for this CPU and allocates everything an inference needs.
    /// - Parameter region: what counts of a picture; nil is all of it.
    package init(
        _ model: Model, features: CPUFeatures = .detected, maxThreads: Int = 1, region: RegionOfInterest? = nil
    ) throws(Failure) {
        labels = model.labels
        temperature = model.temperature
        unknownThreshold = model.unknownThreshold
        self.region = region
        session = try Classifier.session(model.graph, features: features, maxThreads: maxThreads)
        do throws(ImagingError) {
            preparer = try Preparer(model.preprocessing, region: region)
        } catch {
            throw Failure(error)
        }
        scores = [Float](repeating: 0, count: model.labels.count)
    }

    /// A session for a graph, without preprocessing.
    package static func session(
        _ graph: QuantizedGraph, features: CPUFeatures = .detected, maxThreads: Int = 1
    ) throws(Failure) -> Session {
        let plan: Plan
        do throws(PlanningError) {
            plan = try Planner.plan(graph, for: features)
        } catch {
            throw Failure(error)
        }
        // The weights are packed; what is still to come are the values between the layers.
        if let shortage = MemoryRoom.shortage(of: plan.activationBytes) {
            throw Failure(.badData, "the network \(graph.network) \(shortage)")
        }
        do throws(SystemError) {
            return try Session(plan: plan, maxThreads: maxThreads)
        } catch {
            throw Failure(error)
        }
    }

    /// Where the time of one classification went, in nanoseconds.
    package struct Times: Hashable, Sendable {
        package let decodeNs: UInt64
        package let prepareNs: UInt64
        package let inferNs: UInt64
    }

    /// Decodes, resizes and runs one frame; `top` then tells what it shows.
    /// - Throws: when the frame cannot be decoded; the classifier stays usable.
    package func classify(_ frame: borrowing Frame, threads: Int = 1) throws(ImagingError) -> Times {
        let prepared = try prepare(frame)
        let begin = MonotonicClock.now()
        session.run(threads: threads)
        computeScores()
        return Times(decodeNs: prepared.decodeNs, prepareNs: prepared.prepareNs, inferNs: MonotonicClock.now() - begin)
    }

    /// Softmax of `logits / temperature`.
    private func computeScores() {
        session.withLogits { logits in
            var largest = -Float.infinity
            for index in logits.indices { largest = max(largest, logits[index]) }
            var sum: Float = 0
            for index in logits.indices {
                scores[index] = expf((logits[index] - largest) / temperature)
                sum += scores[index]
            }
            for index in scores.indices { scores[index] /= sum }
        }
    }

    /// Only the first half: the picture lies in the session's input afterwards.
    package func prepare(_ frame: borrowing Frame) throws(ImagingError) -> PreparationTimes {
        let (origin, stride) = (session.pictureOrigin, session.pictureRowStride)
        return try session.withPicture { (picture: inout MutableSpan<UInt8>) throws(ImagingError) in
            try preparer.prepare(frame, into: &picture, rowStride: stride, origin: origin)
        }
    }

    /// A label with its score.
    package struct Candidate: Hashable, Sendable {
        package let index: Int
        package let score: Float
    }

    /// The best `count` classes of the last frame, best first; equal scores in the order of the labels.
    package func top(_ count: Int) -> [Candidate] {
        let order = scores.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
        return order.prefix(count).map { Candidate(index: $0, score: scores[$0]) }
    }

    /// The label the model stands by: `unknown` where the best score is below the model's threshold.
    package func label(of best: Candidate) -> String {
        best.score < unknownThreshold ? Classifier.unknown : labels[best.index]
    }

    /// What a result says when the network recognises nothing.
    package static let unknown = "unknown"
}
