import ArgumentParser
import Daemon
import Graphs

struct NetworksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "networks",
        abstract: "Every network known: parameters and multiply-accumulates, ours beside the paper's.",
        discussion: "Example: tarsier networks --json")

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let rows =
            try NetworkCatalog.all.map { table in
                do throws(GraphError) {
                    let counts = try table.counts()
                    return Row(
                        name: table.name, title: table.title, parameters: counts.parameters, macs: counts.macs,
                        paperParametersMillions: table.paper?.parameters,
                        paperComputationMillions: table.paper?.computation
                    )
                } catch {
                    throw Failure(error)
                }
            }
            + NetworkCatalog.architectures.map { architecture in
                do throws(GraphError) {
                    let counts = try architecture.counts()
                    return Row(
                        name: architecture.name, title: architecture.title, parameters: counts.parameters,
                        macs: counts.macs, paperParametersMillions: architecture.paper?.parameters,
                        paperComputationMillions: architecture.paper?.computation)
                } catch {
                    throw Failure(error)
                }
            }
        if json {
            try Terminal.json(Listing(networks: rows, note: NetworkCatalog.note))
            return
        }
        Terminal.line("network                    parameters       MACs   paper: parameters   computation")
        for row in rows {
            let paper = (
                row.paperParametersMillions.map { $0.text(2) + " M" } ?? "-",
                row.paperComputationMillions.map { $0.text(1) + " M" } ?? "-"
            )
            Terminal.line(
                row.name.padded(25) + ((Double(row.parameters) / 1e6).text(3) + " M").padded(11, right: true)
                    + ((Double(row.macs) / 1e6).text(1) + " M").padded(12, right: true)
                    + paper.0.padded(19, right: true) + paper.1.padded(14, right: true))
        }
        Terminal.line("\n" + NetworkCatalog.note)
    }

    private struct Listing: Encodable {
        let networks: [Row]
        let note: String
    }

    private struct Row: Encodable {
        let name: String
        let title: String
        let parameters: Int
        let macs: Int
        let paperParametersMillions: Double?
        let paperComputationMillions: Double?
    }
}
