/// A JSON value as it stands in a model file. Objects keep the order of their members, numbers keep their text, so that a
/// `Float` is read with a single rounding and written back byte for byte.
enum JSON: Equatable {
    case object([Member])
    case array([JSON])
    case string(String)
    case number(String)
    case bool(Bool)
    case null

    struct Member: Equatable {
        var name: String
        var value: JSON
    }

    static func number(_ value: Int) -> JSON { .number(String(value)) }
    /// Shortest text that reads back as the same single-precision number.
    static func number(_ value: Float) -> JSON { .number(value.description) }
    static func number(_ value: Double) -> JSON { .number(value.description) }

    /// Compact text, members in order.
    var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .object(let members):
            text.append("{")
            for (index, member) in members.enumerated() {
                if index > 0 { text.append(",") }
                JSON.write(member.name, to: &text)
                text.append(":")
                member.value.write(to: &text)
            }
            text.append("}")
        case .array(let values):
            text.append("[")
            for (index, value) in values.enumerated() {
                if index > 0 { text.append(",") }
                value.write(to: &text)
            }
            text.append("]")
        case .string(let string): JSON.write(string, to: &text)
        case .number(let number): text.append(number)
        case .bool(let bool): text.append(bool ? "true" : "false")
        case .null: text.append("null")
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text.append("\"")
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text.append("\\\"")
            case "\\": text.append("\\\\")
            case "\n": text.append("\\n")
            case "\t": text.append("\\t")
            case "\r": text.append("\\r")
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text.append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text.append("\"")
    }
}
