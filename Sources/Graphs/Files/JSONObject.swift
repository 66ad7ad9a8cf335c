/// Typed access to the members of a JSON object, with errors that say whose member is wrong.
final class JSONObject {
    /// What the object describes, for messages.
    let what: String
    private let path: String
    private let members: [String: JSON]
    /// Members that have been asked for.
    private var known = Set<String>()

    init(_ value: JSON, what: String, path: String) throws(ModelFileError) {
        guard case .object(let members) = value else { throw .badData(path, "\(what): is not an object") }
        self.what = what
        self.path = path
        self.members = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value) })
    }

    func bad(_ name: String, _ message: String) -> ModelFileError { .badData(path, "\(what): \(name): \(message)") }

    /// nil when there is no such member.
    func optional(_ name: String) -> JSON? {
        known.insert(name)
        return members[name]
    }

    func value(_ name: String) throws(ModelFileError) -> JSON {
        guard let value = optional(name) else { throw bad(name, "is missing") }
        return value
    }

    func string(_ name: String) throws(ModelFileError) -> String {
        guard case .string(let text) = try value(name) else { throw bad(name, "is not a string") }
        return text
    }

    func bool(_ name: String) throws(ModelFileError) -> Bool {
        guard case .bool(let bool) = try value(name) else { throw bad(name, "is not true or false") }
        return bool
    }

    /// A member that is an object.
    func nested(_ name: String) throws(ModelFileError) -> JSONObject {
        try JSONObject(try value(name), what: "\(what): \(name)", path: path)
    }

    func integer(_ name: String) throws(ModelFileError) -> Int { try integer(try value(name), name) }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(ModelFileError) -> Int {
        let integer = try integer(name)
        guard range.contains(integer) else {
            throw bad(name, "\(integer) is outside \(range.lowerBound)...\(range.upperBound)")
        }
        return integer
    }

    func integers(_ name: String) throws(ModelFileError) -> [Int] {
        guard case .array(let values) = try value(name) else { throw bad(name, "is not a list") }
        var integers: [Int] = []
        for value in values { integers.append(try integer(value, name)) }
        return integers
    }

    func float(_ name: String) throws(ModelFileError) -> Float {
        guard case .number(let text) = try value(name), let float = Float(text), float.isFinite else {
            throw bad(name, "is not a finite number")
        }
        return float
    }

    func double(_ name: String) throws(ModelFileError) -> Double {
        guard case .number(let text) = try value(name), let double = Double(text), double.isFinite else {
            throw bad(name, "is not a finite number")
        }
        return double
    }

    /// To be called after every member was asked for: a member that nobody knows is an error.
    func refuseOtherMembers() throws(ModelFileError) {
        if let name = members.keys.filter({ !known.contains($0) }).min() {
            throw bad(String(name.prefix(80)), "is unknown; the file may be of a newer version")
        }
    }

    private func integer(_ value: JSON, _ name: String) throws(ModelFileError) -> Int {
        guard case .number(let text) = value, let integer = Int(text) else { throw bad(name, "is not a whole number") }
        return integer
    }
}
