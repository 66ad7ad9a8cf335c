import Graphs

/// Ranges for values that only an activation reads: what lies where the function is flat need not be told apart, and the
/// steps that this saves are worth more where it is steep.
struct UsefulSpan {
    /// Spans to try, widest first; `-infinity` and `infinity` where nothing is cut.
    let spans: [Bounds]

    /// - Returns: nil for a value that others read, too.
    init?(of value: Int, _ graph: Graph) {
        let readers = graph.nodes.filter { $0.sources.contains(value) }
        guard let first = readers.first else { return nil }
        guard readers.allSatisfy({ $0.operation == first.operation }) else { return nil }
        guard case .activation(let function) = first.operation else { return nil }
        switch function {
        case .sigmoid: spans = [7, 6, 5, 4].map { Bounds(low: -$0, high: $0) }
        case .hardSigmoid: spans = [Bounds(low: -3, high: 3)]
        case .swish: spans = [-8, -6, -5, -4, -3].map { Bounds(low: $0, high: .infinity) }
        case .hardSwish: spans = [Bounds(low: -3, high: .infinity)]
        }
    }

    /// The ranges, and each of them cut to every span that it goes beyond.
    func narrowed(_ ranges: [ValueRange]) -> [ValueRange] {
        var result = ranges
        for range in ranges {
            for span in spans where range.low < span.low || range.high > span.high {
                let cut = ValueRange(
                    low: max(range.low, span.low), high: min(range.high, span.high), method: range.method)
                if !result.contains(where: { $0.low == cut.low && $0.high == cut.high }) { result.append(cut) }
            }
        }
        return result
    }
}
