import Graphs
import Tensors

/// Watches a lowered float graph work on the calibration pictures.
struct Calibrator {
    let interpreter: FloatInterpreter
    let threads: Int

    /// Memory is bounded: about 64 KiB a value and thread, and a few hundred bytes a picture.
    /// - Parameters:
    ///   - numbers: pictures whose values count.
    ///   - others: pictures of which only the logits are wanted.
    ///   - progress: is told how many pictures are done, from any thread.
    func observe(
        _ pictures: PictureSet, numbers: [Int], others: [Int] = [], progress: @Sendable (Int) -> Void = { _ in }
    ) throws(QuantizationError) -> Observations {
        let size = interpreter.graph.input.count
        let start = Observations(channels: interpreter.shapes.map(\.channels))
        let counted = Set(numbers)
        let parts = try Parallel.fold(numbers + others, threads: threads, from: start, done: progress) {
            sum, number, workspace throws(QuantizationError) in
            let pixels = try pictures.pixels(number, size: size)
            sum.pictures[number] = try observe(
                pixels, counts: counted.contains(number), number: number, workspace, &sum)
        }
        var total = start
        for part in parts { total.add(part) }
        return total
    }

    private func observe(
        _ pixels: [UInt8], counts: Bool, number: Int, _ workspace: FloatWorkspace, _ sum: inout Observations
    ) throws(QuantizationError) -> Observations.Picture {
        let (kernels, values) = (interpreter.kernels, interpreter.shapes.count)
        var (lows, highs) = ([Float](), [Float]())
        let logits = interpreter.run(pixels: pixels, in: workspace) { value, elements in
            guard counts else { return }
            let (low, high) = kernels.extent(elements)
            lows.append(low)
            highs.append(high)
            guard low.isFinite && high.isFinite && value < values - 1 else { return }
            sum.histograms[value].add(elements, low: low, high: high, kernels, workspace)
            kernels.channelExtents(elements, low: &sum.lows[value], high: &sum.highs[value])
        }
        guard logits.allSatisfy(\.isFinite), lows.allSatisfy(\.isFinite), highs.allSatisfy(\.isFinite) else {
            throw QuantizationError(
                code: .badData, message: "calibration picture \(number) drives the float network to infinity")
        }
        return Observations.Picture(lows: lows, highs: highs, logits: logits)
    }
}
