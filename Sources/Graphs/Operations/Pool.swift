/// One output a window and channel, without weights.
package struct Pool: Hashable, Sendable {
    package enum Kind: String, Sendable {
        /// The largest value inside the picture.
        case maximum
        /// The mean; what `countsPadding` says divides.
        case average
    }

    package var kind: Kind
    package var window: Window
    /// Of a mean: whether pixels of the padding count as zeros; otherwise only those inside are averaged.
    package var countsPadding: Bool

    package init(_ kind: Kind, _ window: Window, countsPadding: Bool = true) {
        self.kind = kind
        self.window = window
        self.countsPadding = countsPadding
    }

    /// Pixels that the mean of output (y, x) divides by.
    package func divisor(y: Int, x: Int, height: Int, width: Int) -> Int {
        if countsPadding { return window.taps }
        let rows = (0..<window.height).count { (0..<height).contains(window.inputRow(y, $0)) }
        let columns = (0..<window.width).count { (0..<width).contains(window.inputColumn(x, $0)) }
        return max(1, rows * columns)
    }
}
