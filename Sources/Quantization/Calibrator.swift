import Graphs
import Tensors

/// Watches a lowered float graph work on the calibration pictures and counts what values every tensor takes. Histograms are
/// made a picture at a time and added in picture order, so the result does not depend on the number of threads.
struct Calibrator {
    let interpreter: FloatInterpreter
    let threads: Int

    /// Of every value; element 0 is the input. Memory is bounded: 64 KiB a value and picture of a batch.
    /// - Parameter progress: is told how many pictures are done.
    func histograms(_ pictures: PictureSet, progress: (Int) -> Void) throws(QuantizationError) -> [Histogram] {
        let values = interpreter.graph.nodes.count + 1
        let size = interpreter.graph.input.count
        var histograms = [Histogram](repeating: Histogram(), count: values)
        var done = 0
        for batch in Parallel.batches(Array(0..<pictures.count), of: 4 * threads) {
            let counted = try Parallel.map(batch, threads: threads) { picture throws(QuantizationError) in
                var counted = [Histogram](repeating: Histogram(), count: values)
                let logits = interpreter.run(pixels: try pictures.pixels(picture, size: size)) { value, elements in
                    if value < values - 1 { counted[value].add(elements) }
                }
                guard logits.allSatisfy(\.isFinite) else {
                    throw QuantizationError(
                        code: .badData, message: "calibration picture \(picture) drives the float network to infinity")
                }
                return counted
            }
            for picture in counted { for value in 0..<values { histograms[value].add(picture[value]) } }
            done += batch.count
            progress(done)
        }
        return histograms
    }
}
