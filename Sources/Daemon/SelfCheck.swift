package import Engine
package import Graphs
internal import Kernels
internal import Planning
internal import Tensors

/// Proves that a model computes on this CPU before anybody trusts it with frames.
package enum SelfCheck {
    /// Two pictures, each with one thread and with all: logits must be finite, the same for any number of threads, the same as
    /// those of the scalar kernels, and not the same for both pictures. Takes as long as two inferences in plain C.
    /// - Throws: `badData` with what is wrong.
    package static func run(_ session: Session, _ graph: QuantizedGraph) throws(Failure) {
        let scalar = try Classifier.session(graph, features: [], maxThreads: 1)
        var answers: [[Float]] = []
        for picture in pictures(width: graph.input.width, height: graph.input.height) {
            let expected = logits(scalar, picture, threads: 1)
            for threads in session.maxThreads > 1 ? [1, session.maxThreads] : [1] {
                let found = logits(session, picture, threads: threads)
                guard found.allSatisfy(\.isFinite) else { throw refuse("its answers are not numbers") }
                guard found == expected else {
                    throw refuse("\(session.plan.isa) kernels and plain C disagree with \(threads) threads")
                }
            }
            answers.append(expected)
        }
        guard answers[0] != answers[1] else { throw refuse("it answers the same whatever it is shown") }
    }

    private static func logits(_ session: Session, _ picture: [UInt8], threads: Int) -> [Float] {
        session.setPicture(picture.span)
        session.run(threads: threads)
        return session.logits
    }

    /// A colourful gradient, and squares of 16 pixels: RGB, [height, width, 3].
    private static func pictures(width: Int, height: Int) -> [[UInt8]] {
        var gradient: [UInt8] = []
        var squares: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                gradient += [UInt8(255 * x / width), UInt8(255 * y / height), UInt8(255 - 255 * x / width)]
                squares += [UInt8](repeating: (x / 16 + y / 16) % 2 == 0 ? 230 : 25, count: 3)
            }
        }
        return [gradient, squares]
    }

    private static func refuse(_ what: String) -> Failure {
        Failure(.badData, "the model failed its self-check: \(what)")
    }
}
