internal import Capture
internal import Kernels

extension Setting {
    /// Every setting, in the order of the manual. A new one needs one entry here and a property of `RunConfiguration`.
    package static let all: [Setting] = general + camera + gate

    private static let general: [Setting] = [
        Setting(
            "source", .camera, form: "SOURCE", summary: "Where frames come from.",
            details: """
                v4l2:auto takes the first camera that can capture, v4l2:/dev/video0 (or a path below /dev/v4l/by-id) that one, \
                v4l2:usb=VID:PID[:SERIAL] the one with these USB ids wherever it is plugged in. images:DIR goes through the JPEG \
                files of a folder, mjpeg:FILE and y4m:FILE through a stream ("-" is standard input), scene: draws pictures itself.
                """,
            standard: "v4l2:auto", example: "v4l2:usb=046d:0825",
            completion: .words(["v4l2:auto", "v4l2:/dev/video0", "v4l2:usb=", "images:", "mjpeg:", "y4m:", "scene:"]),
            apply: { text, configuration throws(ValueError) in
                do throws(CaptureError) { configuration.source = try SourceSpecification(parsing: text) } catch {
                    throw ValueError(error.message)
                }
            }),
        Setting(
            "model", .network, form: "FILE", summary: "Model file; the default model when left out.",
            details: "An int8 model as `tarsier quantize` writes it.", example: "/var/lib/tarsier/mine.safetensors",
            completion: .file, isReloadable: true,
            apply: { text, configuration throws(ValueError) in configuration.model = text }),
        Setting(
            "model-sha256", .network, form: "DIGEST", summary: "The only model file that may run, by its SHA-256.",
            details: """
                In hexadecimal, as sha256sum and `tarsier inspect model` tell it. A file that is another one, or is no longer what it \
                was, is refused at a start, at a reload and by `tarsier model`. Any file is taken when it is left out.
                """,
            example: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", isReloadable: true,
            apply: { text, configuration throws(ValueError) in
                guard text.utf8.count == 64, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
                    throw ValueError("must be 64 hexadecimal digits")
                }
                configuration.modelSHA256 = text.lowercased()
            }),
        Setting(
            "cpu-mask", .network, form: "STEP", summary: "Use kernels up to this step only.",
            details: "Steps: \((["scalar"] + CPUFeatures.names.map(\.name) + ["all"]).joined(separator: ", ")).",
            standard: "all", example: "avx2",
            completion: .words(["scalar"] + CPUFeatures.names.map(\.name) + ["all"]), isReloadable: true,
            apply: { text, configuration throws(ValueError) in
                guard let features = CPUFeatures(mask: text) else {
                    let names = (["scalar"] + CPUFeatures.names.map(\.name) + ["all"]).joined(separator: ", ")
                    throw ValueError("no such step; there are \(names)")
                }
                configuration.features = features.intersection(.detected)
            }),
        Setting(
            "rate", .power, form: "FPS|max", summary: "Most inferences a second, or max.",
            details: "Above 0 and up to 1000. Frames that come faster are counted as skipped.", standard: "10",
            example: "5", completion: .words(["max"]), isReloadable: true,
            apply: { text, configuration throws(ValueError) in
                if text == "max" {
                    configuration.rate = nil
                } else if let rate = Double(text), rate > 0, rate <= 1000 {
                    configuration.rate = rate
                } else {
                    throw ValueError("must be a number above 0 and up to 1000, or max")
                }
            }),
        Setting(
            "threads", .power, form: "N|auto", summary: "Threads of one inference, or auto.",
            details: "auto takes the fewest that keep up with the rate, and changes its mind with the load.",
            standard: "auto",
            example: "1", completion: .words(["auto"]), isReloadable: true,
            apply: { text, configuration throws(ValueError) in
                if text == "auto" {
                    configuration.threads = .automatic
                } else {
                    configuration.threads = .fixed(try whole(text, 1...64, or: "auto"))
                }
            }),
        maxTemperature, maxCPUPercent, maxWatts, deadline, idle, tuning,
        Setting(
            "smooth", .labels, form: "METHOD", summary: "none, exponential:MS (time constant) or majority:N (frames).",
            details: "Left out: exponential:150 for streams, none for images:.", example: "majority:5",
            completion: .words(["none", "exponential:", "majority:"]), isReloadable: true,
            apply: { text, configuration throws(ValueError) in
                configuration.smoothing.method = try smoothingMethod(text)
            }),
        Setting(
            "enter", .labels, form: "SCORE", summary: "A label takes over at this score, 0 to 1.",
            details: "The model's threshold when left out.", example: "0.6", isReloadable: true,
            apply: { text, configuration throws(ValueError) in configuration.smoothing.enter = try share(text) }),
        Setting(
            "leave", .labels, form: "SCORE", summary: "A label goes below this score, 0 to 1.",
            details: "80 % of `enter` when left out; at most `enter`.", example: "0.4", isReloadable: true,
            apply: { text, configuration throws(ValueError) in configuration.smoothing.leave = try share(text) }),
        Setting(
            "stable", .labels, form: "N", summary: "Results in a row that must agree before a label is stable.",
            standard: "\(SmoothingConfiguration.defaultStableAfter)", example: "5", isReloadable: true,
            apply: { text, configuration throws(ValueError) in
                configuration.smoothing.stableAfter = try whole(text, 1...1000)
            }),
        Setting(
            "socket", .socket, form: "PATH", summary: "Where to listen.",
            details: "Under systemd the path of the socket unit counts, and this one only names it in messages.",
            standard: "/run/tarsier/tarsier.sock", example: "/tmp/tarsier.sock", completion: .file,
            apply: { text, configuration throws(ValueError) in configuration.socket = text }),
        Setting(
            "max-clients", .socket, form: "N", summary: "Clients that may be connected at a time, 1 to 4096.",
            standard: "64", example: "8",
            apply: { text, configuration throws(ValueError) in configuration.maxClients = try whole(text, 1...4096) }),
        Setting(
            "picture", .socket, form: "on|off", summary: "Whether clients that ask may have the newest frame.",
            details: "on lets everybody who may use the socket see what the camera sees, as small JPEGs.",
            standard: "off", example: "on", completion: .words(["on", "off"]), isReloadable: true,
            apply: { text, configuration throws(ValueError) in
                guard text == "on" || text == "off" else { throw ValueError("must be on or off") }
                configuration.handsPictures = text == "on"
            }),
        Setting(
            "log-format", .log, form: "text|json", summary: "How log lines look.",
            details: "json writes one object a line, with ts, level and message.", standard: "text", example: "json",
            completion: .words(LogRequest.Format.allCases.map(\.rawValue)),
            apply: { text, configuration throws(ValueError) in
                guard let format = LogRequest.Format(rawValue: text) else { throw ValueError("must be text or json") }
                configuration.log.format = format
            }),
        Setting(
            "log-level", .log, form: "LEVEL", summary: "The least that is logged: debug, info, warning or error.",
            details: "Each cause is logged once; no level has lines for single frames.", standard: "info",
            example: "warning", completion: .words(LogRequest.levels.map(\.name)),
            apply: { text, configuration throws(ValueError) in
                guard let level = LogRequest.levels.first(where: { $0.name == text })?.level else {
                    throw ValueError("must be \(LogRequest.levels.map(\.name).joined(separator: ", "))")
                }
                configuration.log.level = level
            }),
    ]
}

// MARK: forms of values

private func whole(_ text: String, _ range: ClosedRange<Int>, or word: String? = nil) throws(Setting.ValueError) -> Int
{
    guard let number = Int(text), range.contains(number) else {
        throw Setting.ValueError(
            "must be a whole number from \(range.lowerBound) to \(range.upperBound)" + (word.map { ", or \($0)" } ?? "")
        )
    }
    return number
}

private func share(_ text: String) throws(Setting.ValueError) -> Double {
    guard let number = Double(text), (0...1).contains(number) else {
        throw Setting.ValueError("must be a number from 0 to 1")
    }
    return number
}

private func smoothingMethod(_ text: String) throws(Setting.ValueError) -> SmoothingConfiguration.Method {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count == 2 ? parts[1] : nil) {
    case ("none", nil): return .none
    case ("exponential", nil): return .exponential(timeConstantMs: SmoothingConfiguration.defaultTimeConstantMs)
    case ("exponential", let time?):
        if let time = Double(time), time >= 0, time <= 3_600_000 { return .exponential(timeConstantMs: time) }
        throw Setting.ValueError("the time constant must be a number of milliseconds from 0 to 3600000")
    case ("majority", let window?): return .majority(window: try whole(window, 1...10_000))
    default: throw Setting.ValueError("must be none, exponential:MS or majority:N")
    }
}
