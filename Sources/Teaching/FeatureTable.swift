/// What a backbone says of photos: one row of signed bytes a view, several views a photo.
package struct FeatureTable: Sendable {
    /// What a photo should be called.
    package enum Target: Hashable, Sendable {
        case label(Int)
        /// None of the classes: the head should give all of them the same probability (Hendrycks et al., "Deep anomaly
        /// detection with outlier exposure", eq. 1), as the training of the backbone asked of pictures of nothing.
        case none

        package var label: Int? { if case .label(let label) = self { label } else { nil } }
    }

    package struct Sample: Hashable, Sendable {
        package let target: Target
        /// Samples of one group look the same; they are never on both sides of a split.
        package let group: Int
        /// Rows of its views; the first is the picture as it is.
        package let rows: Range<Int>
    }

    /// Features a row.
    package let width: Int
    /// Labels that a sample can have.
    package let classes: Int
    package private(set) var samples: [Sample] = []
    /// [rows][width], logical bytes as the dense layer reads them.
    private(set) var values: [Int8] = []

    package init(width: Int, classes: Int) {
        precondition(width > 0 && classes > 0)
        (self.width, self.classes) = (width, classes)
    }

    /// - Parameter views: at least one row of `width` bytes; the first is the picture as it is.
    package mutating func add(_ views: [[Int8]], _ target: Target, group: Int) {
        precondition(!views.isEmpty && views.allSatisfy { $0.count == width })
        if let label = target.label { precondition((0..<classes).contains(label)) }
        let first = values.count / width
        for view in views { values += view }
        samples.append(Sample(target: target, group: group, rows: first..<first + views.count))
    }

    package func row(_ index: Int) -> ArraySlice<Int8> { values[index * width..<(index + 1) * width] }

    /// Samples of each label among some.
    package func counts(_ indices: some Sequence<Int>) -> [Int] {
        var counts = [Int](repeating: 0, count: classes)
        for index in indices { if let label = samples[index].target.label { counts[label] += 1 } }
        return counts
    }
}
