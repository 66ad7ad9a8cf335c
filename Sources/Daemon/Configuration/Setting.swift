/// One thing that can be configured: the key in a configuration file, the flag `--name` and the variable `TARSIER_NAME` alike.
/// `Setting.all` is the only place where it is described; `--help`, the manual, the example file and the checks come from there.
package struct Setting: Sendable {
    /// Headings of the example file and the manual, in their order.
    package enum Group: String, CaseIterable, Sendable {
        case camera = "Camera"
        case network = "Network"
        case power = "Rate and power"
        case labels = "Labels that hold"
        case socket = "Socket"
        case log = "Log"
    }

    /// What a shell can complete.
    package enum Completion: Hashable, Sendable {
        case nothing
        case file
        case words([String])
    }

    /// Lower case, words joined by hyphens.
    package let name: String
    package let group: Group
    /// What a value looks like, such as `FPS|max`.
    package let form: String
    /// One sentence, for `--help`.
    package let summary: String
    /// More, for the manual and the example file; may be empty.
    package let details: String
    /// The default as it would be written in a file, or empty where the default is to have none.
    package let standard: String
    /// A value that is not the default, for the example file.
    package let example: String
    package let completion: Completion
    /// Whether a running daemon takes a change over when it reloads; otherwise it takes a restart.
    package let isReloadable: Bool
    /// Parses a value, never empty, into a configuration. Throws what is wrong with the value alone.
    let apply: @Sendable (String, inout RunConfiguration) throws(ValueError) -> Void

    /// What a value must be, such as "a whole number from 1 to 64".
    struct ValueError: Error {
        let message: String
        init(_ message: String) {
            precondition(!message.isEmpty, "a problem has words")
            self.message = message
        }
    }

    init(
        _ name: String, _ group: Group, form: String, summary: String, details: String = "", standard: String = "",
        example: String, completion: Completion = .nothing, isReloadable: Bool = false,
        apply: @escaping @Sendable (String, inout RunConfiguration) throws(ValueError) -> Void
    ) {
        self.name = name
        self.group = group
        self.form = form
        self.summary = summary
        self.details = details
        self.standard = standard
        self.example = example
        self.completion = completion
        self.isReloadable = isReloadable
        self.apply = apply
    }

    /// Such as `TARSIER_MAX_CLIENTS`.
    package var variable: String { "TARSIER_" + name.uppercased().replacing("-", with: "_") }
    /// Such as `--max-clients`.
    package var flag: String { "--" + name }

    package static func named(_ name: String) -> Setting? { all.first { $0.name == name } }
}
