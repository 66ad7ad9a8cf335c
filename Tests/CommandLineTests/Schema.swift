import Foundation
import Testing

/// As much of JSON Schema as `docs/wire.schema.json` uses; a keyword it does not know is an error, so that nothing in the
/// schema is silently not checked.
struct Schema {
    private let root: [String: Any]

    init() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: Program.root + "/docs/wire.schema.json"))
        root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// What is wrong with a line, with the place; empty when it is sound.
    func faults(_ line: some StringProtocol) throws -> [String] {
        let value = try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed)
        return try check(value, root, "")
    }

    private static let remarks: Set<String> = ["$schema", "$defs", "title", "description"]

    private func check(_ value: Any, _ schema: [String: Any], _ place: String) throws -> [String] {
        var faults: [String] = []
        for (keyword, rule) in schema where !Schema.remarks.contains(keyword) {
            faults += try check(value, keyword, rule, schema, place).map { "\(place): \($0)" }
        }
        return faults
    }

    private func check(
        _ value: Any, _ keyword: String, _ rule: Any, _ schema: [String: Any], _ place: String
    ) throws -> [String] {
        switch keyword {
        case "$ref":
            let name = try #require((rule as? String)?.split(separator: "/").last.map(String.init))
            let definition = try #require((root["$defs"] as? [String: Any])?[name] as? [String: Any], "\(name)")
            return try check(value, definition, place)
        case "oneOf":
            let choices = try #require(rule as? [[String: Any]])
            let faults = try choices.map { try check(value, $0, place) }
            let matches = faults.count { $0.isEmpty }
            if matches == 1 { return [] }
            // The faults of the choice that came closest.
            return matches > 1 ? ["\(matches) choices fit"] : faults.min { $0.count < $1.count } ?? []
        case "type":
            let names = (rule as? [String]) ?? [(rule as? String) ?? ""]
            return names.contains { Schema.isKind(value, $0) } ? [] : ["is no \(names)"]
        case "const": return "\(value)" == "\(rule)" ? [] : ["is not \(rule)"]
        case "enum":
            let words = try #require(rule as? [String])
            return words.contains { $0 == value as? String } ? [] : ["\(value) is none of \(words)"]
        case "pattern":
            guard let text = value as? String else { return [] }
            let pattern = try #require(rule as? String)
            return text.range(of: pattern, options: .regularExpression) != nil ? [] : ["\(text) has another form"]
        case "minimum": return try compare(value, rule) { $0 >= $1 }
        case "maximum": return try compare(value, rule) { $0 <= $1 }
        case "maxLength":
            let limit = try #require(rule as? Int)
            return ((value as? String)?.count ?? 0) <= limit ? [] : ["is too long"]
        case "minItems": return ((value as? [Any])?.count ?? 0) >= (try #require(rule as? Int)) ? [] : ["is too short"]
        case "maxItems": return ((value as? [Any])?.count ?? 0) <= (try #require(rule as? Int)) ? [] : ["is too long"]
        case "items":
            let rule = try #require(rule as? [String: Any])
            return try (value as? [Any] ?? []).enumerated().flatMap { try check($1, rule, "\(place)/\($0)") }
        case "required":
            guard let object = value as? [String: Any] else { return [] }
            return try #require(rule as? [String]).filter { object[$0] == nil }.map { "\($0) is missing" }
        case "properties":
            let rules = try #require(rule as? [String: [String: Any]])
            return try (value as? [String: Any] ?? [:]).flatMap { name, value in
                try rules[name].map { try check(value, $0, "\(place)/\(name)") } ?? []
            }
        case "additionalProperties":
            let known = Set((schema["properties"] as? [String: Any] ?? [:]).keys)
            let others = (value as? [String: Any] ?? [:]).filter { !known.contains($0.key) }
            if let rule = rule as? [String: Any] {
                return try others.flatMap { try check($1, rule, "\(place)/\($0)") }
            }
            return others.keys.map { "\($0) is not described" }
        default:
            Issue.record("the schema has a keyword that the test does not know: \(keyword)")
            return []
        }
    }

    private func compare(_ value: Any, _ rule: Any, _ isGood: (Double, Double) -> Bool) throws -> [String] {
        guard let number = value as? NSNumber, !Schema.isKind(value, "boolean") else { return [] }
        let bound = try #require(rule as? NSNumber).doubleValue
        return isGood(number.doubleValue, bound) ? [] : ["\(number) is out of range"]
    }

    private static func isKind(_ value: Any, _ name: String) -> Bool {
        switch name {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "null": value is NSNull
        case "boolean": isBoolean(value)
        case "number": value is NSNumber && !isBoolean(value)
        case "integer":
            (value as? NSNumber).map { !isBoolean(value) && $0.doubleValue == $0.doubleValue.rounded() } ?? false
        default: false
        }
    }

    /// A number of JSON can be cast to Bool too: only the type that was stored tells.
    private static func isBoolean(_ value: Any) -> Bool {
        if type(of: value) == Bool.self { return true }
        // Numbers of JSON are stored as 64 bits or as Double, so a type of one byte is a boolean.
        return (value as? NSNumber).map { ["c", "B"].contains(String(cString: $0.objCType)) } ?? false
    }
}
