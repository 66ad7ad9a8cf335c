/// Counts of right and wrong answers over labelled photos.
package struct Evaluation: Sendable {
    package let labels: [String]
    /// [truth][answer] photos.
    package private(set) var confusion: [[Int]]
    package private(set) var photos = 0
    package private(set) var topOne = 0
    package private(set) var topFive = 0

    package init(labels: [String]) {
        self.labels = labels
        confusion = Array(repeating: Array(repeating: 0, count: labels.count), count: labels.count)
    }

    /// - Parameters:
    ///   - logits: one a label; the order of equal ones is that of the labels.
    ///   - truth: index of the right label.
    package mutating func add(logits: [Float], truth: Int) {
        let order = logits.indices.sorted { logits[$0] == logits[$1] ? $0 < $1 : logits[$0] > logits[$1] }
        guard let best = order.first else { return }
        photos += 1
        confusion[truth][best] += 1
        if best == truth { topOne += 1 }
        if order.prefix(5).contains(truth) { topFive += 1 }
    }

    /// Fraction in [0, 1]; 0 without photos.
    package var topOneAccuracy: Double { photos == 0 ? 0 : Double(topOne) / Double(photos) }
    package var topFiveAccuracy: Double { photos == 0 ? 0 : Double(topFive) / Double(photos) }

    /// Photos and right answers of one label.
    package func counts(of label: Int) -> (photos: Int, right: Int) {
        (confusion[label].reduce(0, +), confusion[label][label])
    }

    /// The confusions that happen most, most frequent first.
    package func worstConfusions(_ count: Int) -> [(truth: Int, answer: Int, photos: Int)] {
        var pairs: [(truth: Int, answer: Int, photos: Int)] = []
        for truth in confusion.indices {
            for answer in confusion.indices where answer != truth && confusion[truth][answer] > 0 {
                pairs.append((truth, answer, confusion[truth][answer]))
            }
        }
        return Array(
            pairs.sorted { $0.photos == $1.photos ? $0.truth < $1.truth : $0.photos > $1.photos }.prefix(count))
    }

    /// Index of the largest logit, the first of equal ones.
    package static func best(_ logits: [Float]) -> Int {
        logits.indices.max { logits[$0] == logits[$1] ? $0 > $1 : logits[$0] < logits[$1] } ?? 0
    }
}
