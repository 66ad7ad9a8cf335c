/// How sure the ranges are: the spread of what single pictures say about them, and how many pictures more would settle it.
package struct RangeSpread: Sendable, Equatable {
    /// Standard error of the mean extent of a tensor, as a share of it, in the tensor that is least sure.
    package var relativeError: Double
    /// Name of that tensor's node.
    package var node: String
    /// Pictures that ranges were estimated from.
    package var pictures: Int

    /// A range that is right to within this share costs less than the rounding of a byte.
    package static let target = 0.01

    /// Pictures to add until the standard error falls to the target; it falls with the root of their number.
    package var morePictures: Int {
        guard relativeError > RangeSpread.target, relativeError.isFinite else { return 0 }
        let factor = (relativeError / RangeSpread.target) * (relativeError / RangeSpread.target)
        return Int((Double(pictures) * (factor - 1)).rounded(.up))
    }
}

extension RangeSpread {
    /// - Parameters:
    ///   - names: of the nodes; value i + 1 is the output of node i.
    /// - Returns: nil for fewer than two pictures.
    init?(_ observed: Observations, numbers: [Int], names: [String]) {
        let pictures = numbers.compactMap { observed.pictures[$0] }
        guard pictures.count > 1 else { return nil }
        var worst = (error: 0.0, node: names.first ?? "")
        // The logits have no range.
        for value in 1..<names.count {
            let extents = pictures.map { Double($0.highs[value]) - Double(min(0, $0.lows[value])) }
            let count = Double(extents.count)
            let mean = extents.reduce(0, +) / count
            guard mean > 0 else { continue }
            let variance = extents.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
            let error = (variance / count).squareRoot() / mean
            if error > worst.error { worst = (error, names[value - 1]) }
        }
        self.init(relativeError: worst.error, node: worst.node, pictures: pictures.count)
    }
}
