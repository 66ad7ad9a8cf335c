/// What became of the tensors of a foreign file.
package struct TensorTable: Sendable, Hashable {
    package struct Row: Sendable, Hashable {
        package enum Fate: String, Sendable {
            /// Part of the network.
            case matched
            /// The network needs it and the file lacks it.
            case missing
            /// In the file, and no part of the network.
            case unexpected
        }

        package var name: String
        /// Extents, outermost first.
        package var shape: [Int]
        package var fate: Fate

        package init(name: String, shape: [Int], fate: Fate) {
            (self.name, self.shape, self.fate) = (name, shape, fate)
        }
    }

    package var rows: [Row]
    /// What was folded into the first layer.
    package var normalization: Normalization

    package init(rows: [Row] = [], normalization: Normalization = .imageNet) {
        self.rows = rows
        self.normalization = normalization
    }

    package func count(_ fate: Row.Fate) -> Int { rows.count { $0.fate == fate } }
}
