import Graphs
import Import
import Tensors

/// What an import did, for people and for programs.
struct ImportReport {
    private let summary: Summary

    init(
        file: String, output: String, model: ImportedModel, settings: ImportSettings, tensors: TensorTable
    ) throws(ImportError) {
        do {
            let preprocessing = model.preprocessing
            summary = Summary(
                output: output, network: model.network, precision: model.precision, nodes: model.nodes,
                parameters: try model.parameters(), macs: try model.macs(), labels: model.labels.count,
                input: [preprocessing.height, preprocessing.width, 3],
                preprocessing: .init(
                    mean: tensors.normalization.mean, std: tensors.normalization.std,
                    colours: settings.readsBlueFirst ? "bgr" : "rgb",
                    fit: preprocessing.fit == .crop ? "crop" : preprocessing.fit.rawValue,
                    cropFraction: preprocessing.cropFraction),
                notes: settings.notes, matched: tensors.count(.matched), missing: 0,
                unexpected: tensors.count(.unexpected), tensors: tensors.rows.map { Row($0) })
        } catch {
            throw ImportError(path: file, "\(error)")
        }
    }

    func show(json: Bool) throws(ImportError) {
        if json {
            do { try Terminal.json(summary) } catch { throw ImportError(path: summary.output, "\(error)") }
            return
        }
        ImportReport.show(summary.tensors)
        for note in summary.notes { Terminal.line("note: \(note)") }
        let seen = summary.preprocessing
        Terminal.line(
            "\(summary.network): \(summary.precision), \(summary.nodes) nodes, "
                + "\((Double(summary.parameters) / 1e6).text(3)) M parameters, \((Double(summary.macs) / 1e6).text(1)) M MACs, "
                + "\(summary.labels) labels")
        Terminal.line(
            "pictures: \(summary.input[0])x\(summary.input[1]), \(seen.fit) \(seen.cropFraction.text(3)), \(seen.colours), "
                + "mean \(seen.mean.map { Double($0).text(3) }.joined(separator: ",")), "
                + "std \(seen.std.map { Double($0).text(3) }.joined(separator: ","))")
        Terminal.line(
            "tensors: \(summary.matched) matched, \(summary.missing) missing, \(summary.unexpected) unexpected; "
                + "wrote \(summary.output)")
    }

    /// The table of an import that was refused because tensors are missing.
    static func show(lacking tensors: TensorTable, json: Bool) throws {
        let rows = tensors.rows.map { Row($0) }
        guard json else { return show(rows) }
        try Terminal.json(
            Lacking(
                matched: tensors.count(.matched), missing: tensors.count(.missing),
                unexpected: tensors.count(.unexpected), tensors: rows))
    }

    private static func show(_ rows: [Row]) {
        for row in rows {
            Terminal.line(
                row.fate.padded(11) + row.shape.map { "\($0)" }.joined(separator: "x").padded(18) + row.name)
        }
    }

    private struct Row: Encodable {
        let name: String
        let shape: [Int]
        let fate: String

        init(_ row: TensorTable.Row) { (name, shape, fate) = (row.name, row.shape, row.fate.rawValue) }
    }

    private struct Lacking: Encodable {
        let matched: Int
        let missing: Int
        let unexpected: Int
        let tensors: [Row]
    }

    private struct Summary: Encodable {
        let output: String
        let network: String
        let precision: String
        let nodes: Int
        let parameters: Int
        let macs: Int
        let labels: Int
        let input: [Int]
        let preprocessing: Seen
        let notes: [String]
        let matched: Int
        let missing: Int
        let unexpected: Int
        let tensors: [Row]

        struct Seen: Encodable {
            let mean: [Float]
            let std: [Float]
            let colours: String
            let fit: String
            let cropFraction: Double
        }
    }
}
