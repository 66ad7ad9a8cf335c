internal import Power

/// What the daemon must not exceed, and what it does to save; docs/power.md explains both.
extension Setting {
    static let maxTemperature = Setting(
        "max-temperature", .power, form: "CELSIUS", summary: "Degrees that the CPU is kept below, 30 to 110.",
        details: "Left out: 5 below the kernel's passive trip point, or 75.", example: "70", isReloadable: true,
        apply: { text, configuration throws(ValueError) in
            configuration.limits.maxTemperatureCelsius = try number(text, 30...110)
        })

    static let maxCPUPercent = Setting(
        "max-cpu-percent", .power, form: "PERCENT", summary: "Most CPU time, in percent of one CPU, as top shows it.",
        example: "25", isReloadable: true,
        apply: { text, configuration throws(ValueError) in
            configuration.limits.maxCPUPercent = try number(text, 1...100_000)
        })

    static let maxWatts = Setting(
        "max-watts", .power, form: "WATTS", summary: "Most power, where something that may be read measures it.",
        example: "5", isReloadable: true,
        apply: { text, configuration throws(ValueError) in
            configuration.limits.maxWatts = try number(text, 0.1...100_000)
        })

    static let deadline = Setting(
        "deadline-ms", .power, form: "MS", summary: "Most time from picture to labels; threads are added for it.",
        example: "50", isReloadable: true,
        apply: { text, configuration throws(ValueError) in configuration.deadlineMs = try number(text, 0.1...60_000) })

    static let idle = Setting(
        "idle", .camera, form: "WHAT", summary: "The camera while nobody is subscribed: slow, keep or stop.",
        details: """
            slow looks at it once a second, so that an unplugged one is noticed, and the first result comes with the next frame; \
            keep takes every frame; stop switches it off after ten seconds, and the first result comes some tenths of a second later.
            """,
        standard: "slow", example: "stop", completion: .words(IdleCamera.allCases.map(\.rawValue)),
        apply: { text, configuration throws(ValueError) in
            guard let idle = IdleCamera(rawValue: text) else { throw ValueError("must be slow, keep or stop") }
            configuration.idle = idle
        })

    static let tuning = Setting(
        "tuning", .power, form: "FILE", summary: "Where `tarsier tune` left its table.",
        details: "Left out: tuning.json in the state folder. Without a table a quick estimate is made at the start.",
        example: "/var/lib/tarsier/tuning.json", completion: .file, isReloadable: true,
        apply: { text, configuration throws(ValueError) in configuration.tuning = text })

    private static func number(_ text: String, _ range: ClosedRange<Double>) throws(ValueError) -> Double {
        guard let number = Double(text), range.contains(number) else {
            let ends = [range.lowerBound, range.upperBound].map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }
            throw ValueError("must be a number from \(ends[0]) to \(ends[1])")
        }
        return number
    }
}
