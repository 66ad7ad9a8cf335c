/// Rounds rows of weights to whole steps so that their products with the inputs that occur stay near, not the weights
/// themselves: what one weight loses, those that come after it in its row make up for (Frantar et al., "GPTQ", arXiv
/// 2210.17323; the order is Babai's nearest plane on the Cholesky factor of the inputs' second moments).
struct LatticeRounding {
    /// Lower triangle of the factor, [size][size], of the permuted moments; the rest is unused.
    private let factor: [Double]
    /// Place in a row of weights, by place in the factor; the inputs with most energy come last and are rounded first.
    private let order: [Int]
    let size: Int

    /// - Parameters:
    ///   - moments: sums of the products of inputs, [size][size], symmetric.
    ///   - damping: added to the diagonal, as a share of its mean.
    /// - Returns: nil when the inputs are all zero.
    init?(moments: [Float], size: Int, damping: Double) {
        precondition(moments.count == size * size)
        let diagonal = (0..<size).map { Double(moments[$0 * size + $0]) }
        let mean = diagonal.reduce(0, +) / Double(size)
        guard mean > 0, mean.isFinite else { return nil }
        let order = (0..<size).sorted { diagonal[$0] == diagonal[$1] ? $0 < $1 : diagonal[$0] < diagonal[$1] }
        var matrix = [Double](repeating: 0, count: size * size)
        for i in 0..<size {
            for j in 0...i { matrix[i * size + j] = Double(moments[order[i] * size + order[j]]) }
            matrix[i * size + i] += damping * mean
        }
        guard LatticeRounding.decompose(&matrix, size) else { return nil }
        (factor, self.order, self.size) = (matrix, order, size)
    }

    /// Cholesky decomposition in place, column by column; every element is one fixed chain of operations.
    private static func decompose(_ matrix: inout [Double], _ size: Int) -> Bool {
        var column = [Double](repeating: 0, count: size)
        return unsafe matrix.withUnsafeMutableBufferPointer { matrix in
            unsafe column.withUnsafeMutableBufferPointer { column in
                for k in 0..<size {
                    let pivot = unsafe matrix[k * size + k]
                    guard pivot > 0 else { return false }
                    let root = pivot.squareRoot()
                    unsafe matrix[k * size + k] = root
                    for i in k + 1..<max(k + 1, size) {
                        unsafe matrix[i * size + k] /= root
                        unsafe column[i] = unsafe matrix[i * size + k]
                    }
                    for i in k + 1..<max(k + 1, size) {
                        let row = unsafe UnsafeMutableBufferPointer(rebasing: matrix[i * size..<i * size + i + 1])
                        let head = unsafe column[i]
                        for j in k + 1...i { unsafe row[j] -= head * column[j] }
                    }
                }
                return true
            }
        }
    }

    /// The solution `x` of `(moments + damping) x = right`.
    func solve(_ right: [Double]) -> [Double] {
        var x = order.map { right[$0] }
        unsafe x.withUnsafeMutableBufferPointer { x in
            unsafe factor.withUnsafeBufferPointer { factor in
                for i in 0..<size {
                    var sum = unsafe x[i]
                    for j in 0..<i { unsafe sum -= factor[i * size + j] * x[j] }
                    unsafe x[i] = unsafe sum / factor[i * size + i]
                }
                for i in (0..<size).reversed() {
                    let value = unsafe x[i] / factor[i * size + i]
                    unsafe x[i] = value
                    for j in 0..<i { unsafe x[j] -= factor[i * size + j] * value }
                }
            }
        }
        var result = x
        for (place, original) in order.enumerated() { result[original] = x[place] }
        return result
    }

    /// - Parameter weights: one row, in steps; `size` of them.
    /// - Returns: whole numbers in [-127, 127].
    func round(_ weights: [Double]) -> [Int8] {
        precondition(weights.count == size)
        var result = [Int8](repeating: 0, count: size)
        // What the weights rounded so far lack, as the inputs of the others see it.
        var owed = [Double](repeating: 0, count: size)
        unsafe owed.withUnsafeMutableBufferPointer { owed in
            unsafe factor.withUnsafeBufferPointer { factor in
                for i in (0..<size).reversed() {
                    let row = unsafe UnsafeBufferPointer(rebasing: factor[i * size..<i * size + i + 1])
                    let wanted = unsafe weights[order[i]] + owed[i] / row[i]
                    let step = min(max(wanted.rounded(.toNearestOrEven), -127), 127)
                    result[order[i]] = Int8(step)
                    let lack = weights[order[i]] - step
                    for j in 0..<i { unsafe owed[j] += row[j] * lack }
                }
            }
        }
        return result
    }
}
