import Graphs
import Tensors

/// Chooses a range for each tensor on its own: of the candidates, the one that disturbs the outputs of the layers reading
/// it least, measured on pictures. What a wild value is worth is known only to the weights it meets.
struct RangeChooser {
    let interpreter: FloatInterpreter
    let threads: Int

    /// - Parameters:
    ///   - candidates: ranges of every value, several each.
    ///   - numbers: pictures to measure on; a dozen or two.
    /// - Returns: a range for every value; the first candidate where there is nothing to measure.
    func choose(
        _ candidates: [[ValueRange]], pictures: PictureSet, using numbers: [Int]
    ) throws(QuantizationError) -> [ValueRange] {
        let size = interpreter.graph.input.count
        let parts = try Parallel.map(numbers, threads: threads) { number, workspace throws(QuantizationError) in
            disturbances(candidates, pixels: try pictures.pixels(number, size: size), workspace)
        }
        return candidates.indices.map { value in
            var best = candidates[value][0]
            var least = Double.infinity
            for (index, candidate) in candidates[value].enumerated() {
                // Readers count alike, whatever the size of their output.
                var sum = 0.0
                for reader in interpreter.graph.nodes.indices {
                    var ratio = NoiseRatio()
                    for part in parts { if let own = part[Key(value, reader, index)] { ratio += own } }
                    sum += ratio.relative
                }
                if sum < least { (least, best) = (sum, candidate) }
            }
            return best
        }
    }

    /// A candidate for a value, as a reader sees it.
    private struct Key: Hashable, Sendable {
        var value: Int
        var reader: Int
        var candidate: Int
        init(_ value: Int, _ reader: Int, _ candidate: Int) {
            (self.value, self.reader, self.candidate) = (value, reader, candidate)
        }
    }

    private func disturbances(
        _ candidates: [[ValueRange]], pixels: [UInt8], _ workspace: FloatWorkspace
    ) -> [Key: NoiseRatio] {
        var found: [Key: NoiseRatio] = [:]
        let (rough, result) = (workspace.spare.0, workspace.spare.1)
        _ = interpreter.run(pixels: pixels, in: workspace) { value, exact in
            guard value > 0 else { return }
            let node = interpreter.graph.nodes[value - 1]
            for source in Set(node.sources) where source > 0 {
                for (index, candidate) in candidates[source].enumerated() {
                    interpreter.kernels.quantize(
                        interpreter.value(source, in: workspace), candidate.params, into: rough)
                    interpreter.apply(value - 1, replacing: source, by: rough, into: result, in: workspace)
                    found[Key(source, value - 1, index)] = interpreter.kernels.noise(exact, result, scale: 1)
                }
            }
        }
        return found
    }
}
