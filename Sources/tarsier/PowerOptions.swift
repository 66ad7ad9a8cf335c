import ArgumentParser
import Daemon
import Power

/// What the daemon must not exceed; `docs/power.md` explains what it does about it.
struct PowerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Degrees Celsius that the CPU is kept below.",
            discussion: "Left out: 5 below the kernel's passive trip point, or 75.", valueName: "celsius"))
    var maxTemperature: Double?

    @Option(help: ArgumentHelp("Most CPU time, in percent of one CPU, as top shows it.", valueName: "percent"))
    var maxCpuPercent: Double?

    @Option(help: ArgumentHelp("Most power, where the machine has a meter.", valueName: "watts"))
    var maxWatts: Double?

    @Option(help: ArgumentHelp("Most time from picture to labels; more threads are used for it.", valueName: "ms"))
    var deadlineMs: Double?

    @Option(help: ArgumentHelp("The camera while nobody is subscribed: slow, keep or stop.", valueName: "what"))
    var idle = IdleCamera.slow

    @Option(
        help: ArgumentHelp(
            "Where tarsier tune left its table.", discussion: "Left out: tuning.json in the state folder.",
            valueName: "file"))
    var tuning: String?

    func validate() throws {
        try check("--max-temperature", maxTemperature, 30...110)
        try check("--max-cpu-percent", maxCpuPercent, 1...100_000)
        try check("--max-watts", maxWatts, 0.1...100_000)
        try check("--deadline-ms", deadlineMs, 0.1...60_000)
    }

    private func check(_ name: String, _ value: Double?, _ range: ClosedRange<Double>) throws {
        guard let value, !range.contains(value) else { return }
        let ends = [range.lowerBound, range.upperBound].map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }
        throw ValidationError("\(name) is between \(ends[0]) and \(ends[1])")
    }

    var limits: PowerLimits {
        PowerLimits(maxTemperatureCelsius: maxTemperature, maxCPUPercent: maxCpuPercent, maxWatts: maxWatts)
    }
}

extension IdleCamera: ExpressibleByArgument {}
