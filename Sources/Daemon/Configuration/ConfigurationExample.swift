/// The example file: every setting with its explanation, commented out, so that it changes nothing as it stands.
package enum ConfigurationExample {
    package static var text: String {
        var lines = [
            "# Configuration of tarsier(8); tarsier.conf(5) explains it. One \"key = value\" a line; after # comes a comment.",
            "# Later ones win: this file, tarsier.conf.d/*.conf beside it, variables TARSIER_KEY, flags of tarsier run.",
            "# \"tarsier config check\" finds mistakes, \"systemctl reload tarsier\" applies what is marked (reload).",
        ]
        for group in Setting.Group.allCases {
            let settings = Setting.all.filter { $0.group == group }
            if settings.isEmpty { continue }
            lines += ["", "## \(group.rawValue)"]
            for setting in settings {
                lines.append("")
                let mark = setting.isReloadable ? " (reload)" : ""
                let form = setting.standard.isEmpty ? setting.form : "\(setting.form), default \(setting.standard)"
                lines += wrapped("\(setting.summary) \(form)\(mark)\n\(setting.details)")
                lines.append("#\(setting.name) = \(setting.example)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Comment lines of at most 100 characters.
    private static func wrapped(_ text: String) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n") {
            var line = "#"
            for word in paragraph.split(separator: " ") {
                if line.count + 1 + word.count > 100 {
                    lines.append(line)
                    line = "#"
                }
                line += " " + word
            }
            lines.append(line)
        }
        return lines
    }
}
