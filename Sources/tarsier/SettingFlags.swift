import ArgumentParser
import Daemon

/// A flag for each setting of the catalogue. The parser finds arguments by looking at a value's mirror and decodes them by
/// name; both are given here from `Setting.all`, so that a setting needs no property of its own.
struct SettingFlags: ParsableArguments, CustomReflectable {
    /// Values as they were written, by name of the setting.
    private(set) var values: [String: String] = [:]

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for setting in Setting.all {
            let option = try container.decode(Option<String?>.self, forKey: Name(setting.name))
            values[setting.name] = option.wrappedValue
        }
    }

    var customMirror: Mirror {
        Mirror(self, children: Setting.all.map { (label: $0.name, value: SettingFlags.option(for: $0)) })
    }

    private static func option(for setting: Setting) -> Option<String?> {
        let standard = setting.standard.isEmpty ? "" : " (default: \(setting.standard))"
        let completion: CompletionKind =
            switch setting.completion {
            case .nothing: .default
            case .file: .file()
            case .words(let words): .list(words)
            }
        return Option(
            name: .customLong(setting.name),
            help: ArgumentHelp(
                "\(setting.summary)\(standard)", discussion: setting.details, valueName: setting.form),
            completion: completion)
    }

    /// Any name is a key: there is one for each setting.
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

/// Where the configuration file is.
struct ConfigurationOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Configuration file, with FILE.d/*.conf. (default: \(ConfigurationLoader.defaultPath) where there is one)",
            valueName: "FILE"),
        completion: .file())
    var config: String?
}
