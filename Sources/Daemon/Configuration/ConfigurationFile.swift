/// The text of a configuration file: `key = value`, one a line; empty lines; comments from `#` to the end of the line. A value in
/// double quotes is taken as it stands, blanks and `#` included. Only the syntax; what keys mean is not known here.
struct ConfigurationFile: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        let key: String
        /// Without quotes and surrounding blanks; may be empty.
        let value: String
        /// From 1.
        let line: Int
    }

    struct Complaint: Hashable, Sendable {
        let line: Int
        let message: String
    }

    private(set) var entries: [Entry] = []
    /// Lines that are neither an entry nor empty.
    private(set) var complaints: [Complaint] = []

    init(parsing text: String) {
        // Some editors mark a file as Unicode with an invisible first character.
        let text = text.first == "\u{FEFF}" ? text.dropFirst() : text[...]
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, line) in lines.enumerated() {
            let line = line.trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            read(line, number: index + 1)
        }
    }

    private mutating func read(_ line: Substring, number: Int) {
        func complain(_ message: String) { complaints.append(Complaint(line: number, message: message)) }
        guard !line.utf8.contains(0) else { return complain("a NUL character; write text") }
        if line.hasPrefix("[") { return complain("there are no sections: write key = value") }
        guard let equals = line.firstIndex(of: "="), equals > line.startIndex else {
            return complain("no \"=\" after a key: write key = value")
        }
        let key = line[..<equals].trimmed
        var value = line[line.index(after: equals)...].trimmed
        if value.hasPrefix("\"") {
            let inside = value.dropFirst()
            guard let end = inside.firstIndex(of: "\"") else { return complain("the quotation mark is not closed") }
            let rest = inside[inside.index(after: end)...].trimmed
            guard rest.isEmpty || rest.hasPrefix("#") else { return complain("text after the closing quotation mark") }
            value = inside[..<end]
        } else if let comment = value.firstComment {
            value = value[..<comment].trimmed
        }
        entries.append(Entry(key: String(key), value: String(value), line: number))
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// Where a comment begins: a `#` at the front or after a blank.
    fileprivate var firstComment: Index? {
        indices.first { self[$0] == "#" && ($0 == startIndex || self[index(before: $0)].isWhitespace) }
    }
}
