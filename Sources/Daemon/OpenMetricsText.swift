/// Writes metric families in the OpenMetrics text format, 1.0. Prometheus and the textfile collector of node_exporter read
/// it too.
struct OpenMetricsText {
    private var lines: [String] = []

    /// A value that only grows. Its sample has `_total` behind the name.
    /// - Parameters:
    ///   - unit: a base unit, in which case the name must end with it.
    ///   - samples: value by label; the label is left out where it is nil.
    mutating func counter(
        _ name: String, unit: String? = nil, help: String, by label: String? = nil, _ samples: [(String, String)]
    ) {
        describe(name, "counter", unit, help)
        for (key, value) in samples { lines.append(name + "_total" + OpenMetricsText.labels(label, key) + " " + value) }
    }

    /// A value that goes up and down.
    mutating func gauge(
        _ name: String, unit: String? = nil, help: String, labels: [(String, String)] = [], _ value: String
    ) {
        describe(name, "gauge", unit, help)
        let list = labels.map { "\($0.0)=\"\(OpenMetricsText.escaped($0.1))\"" }.joined(separator: ",")
        lines.append(name + (list.isEmpty ? "" : "{\(list)}") + " " + value)
    }

    /// The whole text with its end mark.
    var text: String { lines.joined(separator: "\n") + "\n# EOF\n" }

    private mutating func describe(_ name: String, _ type: String, _ unit: String?, _ help: String) {
        lines.append("# TYPE \(name) \(type)")
        if let unit { lines.append("# UNIT \(name) \(unit)") }
        lines.append("# HELP \(name) \(OpenMetricsText.escaped(help))")
    }

    private static func labels(_ name: String?, _ value: String) -> String {
        guard let name else { return "" }
        return "{\(name)=\"\(escaped(value))\"}"
    }

    /// Backslash, quote and line feed: the three the format names.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
