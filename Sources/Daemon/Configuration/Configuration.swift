/// What the daemon is to do, where each value came from, and everything that is wrong. Pure: `ConfigurationLoader` reads the
/// files. Later layers win: defaults, files in the order given, environment, flags.
package struct Configuration: Sendable {
    /// Where a value came from.
    package enum Origin: Hashable, Sendable, CustomStringConvertible {
        case standard
        /// Line from 1; 0 stands for the whole file.
        case file(path: String, line: Int)
        case environment(String)
        case flag(String)

        package var description: String {
            switch self {
            case .standard: "default"
            case .file(let path, 0): path
            case .file(let path, let line): "\(path):\(line)"
            case .environment(let name): name
            case .flag(let flag): flag
            }
        }
    }

    package struct Problem: Hashable, Sendable, CustomStringConvertible {
        package let origin: Origin
        package let message: String
        package var description: String { "\(origin): \(message)" }
    }

    package struct Value: Hashable, Sendable {
        package let text: String
        package let origin: Origin
    }

    /// Settings that are not at their default, by name.
    package private(set) var given: [String: Value] = [:]
    /// In the order they were met. With a problem, `run` is not to be used.
    package private(set) var problems: [Problem] = []
    package private(set) var run = RunConfiguration()

    /// - Parameters:
    ///   - files: path and text, lowest first.
    ///   - environment: all variables; those that are no setting's are left alone.
    ///   - flags: values by name of the setting.
    package init(
        files: [(path: String, text: String)] = [], environment: [String: String] = [:], flags: [String: String] = [:]
    ) {
        for file in files { add(file.path, ConfigurationFile(parsing: file.text)) }
        for setting in Setting.all {
            guard let text = environment[setting.variable] else { continue }
            add(setting, Value(text: text, origin: .environment(setting.variable)))
        }
        for setting in Setting.all {
            guard let text = flags[setting.name] else { continue }
            add(setting, Value(text: text, origin: .flag(setting.flag)))
        }
        for setting in Setting.all {
            // Tried before, so it cannot fail now.
            if let value = given[setting.name] { try? setting.apply(value.text, &run) }
        }
        checkWhole()
    }

    /// The text of a setting's value, at its default or not.
    package func text(of setting: Setting) -> String { given[setting.name]?.text ?? setting.standard }

    mutating func add(_ problem: Problem) { problems.append(problem) }

    private mutating func add(_ path: String, _ file: ConfigurationFile) {
        for complaint in file.complaints {
            problems.append(Problem(origin: .file(path: path, line: complaint.line), message: complaint.message))
        }
        var lines: [String: Int] = [:]
        for entry in file.entries {
            let origin = Origin.file(path: path, line: entry.line)
            guard let setting = Setting.named(entry.key) else {
                problems.append(Problem(origin: origin, message: Configuration.unknown(entry.key)))
                continue
            }
            if let first = lines.updateValue(entry.line, forKey: entry.key) {
                problems.append(Problem(origin: origin, message: "\(entry.key) is set in line \(first) already"))
            }
            add(setting, Value(text: entry.value, origin: origin))
        }
    }

    /// An empty value returns to the default.
    private mutating func add(_ setting: Setting, _ value: Value) {
        guard !value.text.isEmpty else {
            given[setting.name] = nil
            return
        }
        var trial = RunConfiguration()
        do throws(Setting.ValueError) {
            try setting.apply(value.text, &trial)
            given[setting.name] = value
        } catch {
            let what: String
            switch value.origin {
            case .file: what = "\(setting.name) = \(value.text)"
            case .standard, .environment, .flag: what = value.text
            }
            problems.append(Problem(origin: value.origin, message: "\(what): \(error.message)"))
        }
    }

    /// What single values cannot tell.
    private mutating func checkWhole() {
        if let enter = run.smoothing.enter, let leave = run.smoothing.leave, leave > enter, let value = given["leave"] {
            let other = given["enter"].map { " (\($0.origin))" } ?? ""
            problems.append(
                Problem(origin: value.origin, message: "leave = \(value.text): must be at most enter, \(enter)\(other)")
            )
        }
    }

    private static func unknown(_ key: String) -> String {
        let hint = NearestName.of(key, among: Setting.all.map(\.name)).map { "; did you mean \($0)?" }
        return "there is no setting \"\(key.prefix(64))\"\(hint ?? "; tarsier config show lists them")"
    }

    /// Variables that look like settings and are none, with what may have been meant.
    package static func suspicious(_ environment: [String: String]) -> [(variable: String, meant: String)] {
        let known = Setting.all.map(\.variable)
        return environment.keys.sorted().compactMap { name in
            guard name.hasPrefix("TARSIER_"), !known.contains(name) else { return nil }
            let meant = NearestName.of(
                String(name.dropFirst("TARSIER_".count)).lowercased(), among: Setting.all.map(\.name))
            return meant.flatMap(Setting.named).map { (name, $0.variable) }
        }
    }
}
