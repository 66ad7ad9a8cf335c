import Daemon
import Engine
import Kernels
import LinuxIO
import Planning

/// What `bench --submit-table` prints: Markdown that says on what machine, how it was set, and how fast.
struct SubmitTable {
    private let network: String
    private let isa: String
    private let before: MachineFacts
    private let after: MachineFacts
    private let benches: [(threads: Int, bench: InferenceBench)]

    /// Benches a session on 1, 2, 3 ... threads, as many as the machine has CPUs, at most `session.maxThreads`.
    init(_ session: Session, runs: Int, warmUp: Int) {
        before = MachineFacts()
        network = session.plan.network
        isa = session.plan.isa
        benches = (1...min(session.maxThreads, before.cpus)).map { threads in
            (threads, InferenceBench(session, threads: threads, runs: runs, warmUp: warmUp))
        }
        after = MachineFacts()
    }

    /// The lines, without their ends.
    var lines: [String] {
        let clock = [before.governor.map { "governor \($0)" }, before.maxMHz.map { "\($0) MHz at most" }]
            .compactMap { $0 }
        let temperature = [before.celsius, after.celsius].map { $0.map { $0.text(1) } ?? "?" }
        return [
            "| machine | |", "|---|---|",
            "| board | \(before.board ?? "unknown") |",
            "| CPU | \(before.cpu ?? "unknown"), \(before.cpus) online; \(CPUFeatures.detected.description) |",
            "| clock | \(clock.isEmpty ? "unknown" : clock.joined(separator: ", ")) |",
            "| temperature | \(temperature[0]) °C before, \(temperature[1]) °C after |",
            "| system | \(before.system ?? "unknown"), Linux \(before.kernel) |",
            "| Tarsier | \(Version.current), \(network) int8, kernels \(isa) |",
            "", "| threads | min ms | p50 ms | p95 ms | CPU ms | runs |", "|---:|---:|---:|---:|---:|---:|",
        ]
            + benches.map { threads, bench in
                let figures = [bench.minimum, bench.percentile(0.5), bench.percentile(0.95), bench.cpuNs]
                let cells = figures.map { (Double($0) / 1e6).text(2) } + ["\(bench.latencies.count)"]
                return "| \(threads) | \(cells.joined(separator: " | ")) |"
            }
    }
}
