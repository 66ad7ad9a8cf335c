import LinuxIO
import Power
import PowerSimulation

/// `tarsier-simulate FOLDER`: runs the governor on simulated boards, draws a plot a trace into the folder and prints a table.
@main
struct Main {
    static let limit = 75.0

    static func main() {
        guard CommandLine.arguments.count == 2 else {
            print("usage: tarsier-simulate FOLDER")
            return
        }
        print(
            "| board | trace | hottest | best constant setting, a second | governor, a second | of it | changes an hour |"
        )
        print("|---|---|---|---|---|---|---|")
        let traces: [(file: String, trace: Trace)] = [
            ("full-load", .steady(hours: 4)), ("warm-room", .warmRoom(hours: 8)),
            ("subscribers", .subscribers(hours: 8, seed: 7)), ("neighbour", .neighbour(hours: 3)),
            ("visitor", .visitor(hours: 2)), ("visitors", .irregularVisitors(hours: 3, seed: 5)),
            ("load-then-quiet", .loadThenQuiet(hours: 2)),
        ]
        for (board, name) in [(Board.pi4, "pi4"), (.pi5, "pi5")] {
            for (file, trace) in traces {
                let path = "\(CommandLine.arguments[1])/\(name)-\(file).svg"
                do throws(SystemError) {
                    try run(Simulation(board: board, trace: trace), plot: path)
                } catch {
                    print("\(error)")
                    return
                }
            }
        }
    }

    /// One line of the table, and one plot.
    static func run(_ simulation: Simulation, plot path: String) throws(SystemError) {
        let outcome = simulation.run(.governor(PowerLimits(maxTemperatureCelsius: limit)))
        let free = simulation.run(.constant(threads: simulation.board.cpus, rate: 1e9))
        let best = BestConstant.search(simulation, limit: limit)
        let changes = Double(outcome.changes) * 3600 / simulation.trace.length
        let setting =
            best.map { "\(number($0.outcome.rate)) (\($0.threads) thread\($0.threads == 1 ? "" : "s"))" } ?? "-"
        let share = best.map { "\(number(100 * outcome.inferences / $0.outcome.inferences)) %" } ?? "-"
        print(
            "| \(simulation.board.name) | \(simulation.trace.name) | \(number(outcome.hottest)) C "
                + "| \(setting) | \(number(outcome.rate)) | \(share) | \(number(changes)) |")
        let plot = Plot(
            title: "\(simulation.board.name), \(simulation.trace.name), limit \(number(limit)) C", limit: limit,
            governed: outcome.samples, free: free.samples)
        try AtomicFile.write(Array(plot.svg.utf8), to: path)
    }

    /// One decimal.
    static func number(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
