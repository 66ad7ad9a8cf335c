import ArgumentParser
import Daemon
import Engine
import Graphs

struct NetworksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "networks",
        abstract: "Every network known: parameters and multiply-accumulates, ours beside the paper's.",
        discussion: """
            --bench also times each in int8 with random weights on this CPU, which takes minutes for the large ones.
            Example: tarsier networks --json
            """)

    @Flag(help: "Also time each network here: int8, random weights, one thread, median.")
    var bench = false

    @Option(help: "With --bench, leave out networks of more million MACs.")
    var upTo: Double?

    @OptionGroup var kernels: KernelOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let catalog: [CatalogRow]
        do throws(GraphError) { catalog = try NetworkCatalog.rows() } catch { throw Failure(error) }
        var rows = catalog.map { Row($0) }
        if bench {
            for (index, row) in catalog.enumerated() {
                guard row.isNamed, upTo.map({ Double(row.counts.macs) <= $0 * 1e6 }) ?? true else { continue }
                Terminal.progressBar("bench \(row.name)", index, catalog.count)
                rows[index].msHere = try median(row.name)
            }
            Terminal.endProgress()
        }
        if json {
            try Terminal.json(Listing(networks: rows, note: NetworkCatalog.note))
            return
        }
        let here = bench ? "   ms here" : ""
        Terminal.line("                                   ours              paper")
        Terminal.line(
            "network                   parameters        MACs   parameters   computation    top-1              CPU ms"
                + here)
        for row in rows { Terminal.line(row.line(withTime: bench)) }
        Terminal.text("\n" + NetworkCatalog.note + "\n")
    }

    /// Of so many inferences as fit a second, at most 100, in milliseconds.
    private func median(_ name: String) throws -> Double {
        let session = try Classifier.session(RandomNetwork(name).int8, features: kernels.features())
        let first = InferenceBench(session, threads: 1, runs: 3, warmUp: 2, periodNs: 0)
        let runs = max(5, min(100, Int(1e9 / Double(max(1, first.minimum)))))
        let bench = InferenceBench(session, threads: 1, runs: runs, warmUp: 0, periodNs: 0)
        return Double(bench.percentile(0.5)) / 1e6
    }

    private struct Listing: Encodable {
        let networks: [Row]
        let note: String
    }

    private struct Row: Encodable {
        let name: String
        let title: String
        let extent: Int
        let classes: Int
        let parameters: Int
        let macs: Int
        let paperParametersMillions: Double?
        let paperComputationMillions: Double?
        let paperTop1Percent: Double?
        let paperPhotos: String?
        let paperCpuMs: Double?
        var msHere: Double?

        init(_ row: CatalogRow) {
            (name, title, extent, classes) = (row.name, row.title, row.extent, row.classes)
            (parameters, macs) = (row.counts.parameters, row.counts.macs)
            paperParametersMillions = row.paper?.parameters
            paperComputationMillions = row.paper?.computation
            paperTop1Percent = row.paper?.top1
            paperPhotos = row.paper?.photos?.rawValue
            paperCpuMs = row.paper?.cpuMs
        }

        func line(withTime: Bool) -> String {
            let accuracy =
                paperTop1Percent.map { $0.text(1).padded(5, right: true) + " % " + (paperPhotos ?? "") } ?? "-"
            return name.padded(25) + ((Double(parameters) / 1e6).text(3) + " M").padded(11, right: true)
                + ((Double(macs) / 1e6).text(1) + " M").padded(12, right: true)
                + (paperParametersMillions.map { $0.text(2) + " M" } ?? "-").padded(13, right: true)
                + (paperComputationMillions.map { $0.text(1) + " M" } ?? "-").padded(14, right: true)
                + "  " + accuracy.padded(19) + (paperCpuMs.map { $0.text(1) } ?? "-").padded(8, right: true)
                + (withTime ? (msHere.map { $0.text(2) } ?? "-").padded(10, right: true) : "")
        }
    }
}
