internal import Graphs
internal import LinuxIO
internal import Tensors
internal import Wire

/// What the model's own file says of it, for the page. The daemon tells which file by its digest alone, so that the card is never
/// that of another model.
enum ModelCard {
    /// Looks for the file with that digest.
    /// - Parameters:
    ///   - places: model files, and folders of them.
    ///   - hasReport: whether there is a calibration report to go with it.
    /// - Returns: one line of JSON; `{"found":false}` where there is no such file. Reads files: not for an event loop.
    static func json(sha256: String, places: [String], hasReport: Bool) -> [UInt8] {
        var line = JSONLine()
        line.beginObject()
        line.key("found")
        if let (path, model) = find(sha256, places) {
            line.bool(true)
            line.key("file")
            line.string(String(path.split(separator: "/").last ?? ""))
            write(model, to: &line)
        } else {
            line.bool(false)
        }
        line.key("report")
        line.bool(hasReport)
        line.endObject()
        return line.finish()
    }

    private static func find(_ sha256: String, _ places: [String]) -> (path: String, model: Model)? {
        for place in places {
            let names = try? FolderNames.list(place)
            let files = names?.filter { $0.hasSuffix(".safetensors") }.map { "\(place)/\($0)" } ?? [place]
            for file in files {
                if let loaded = try? Model.load(file), loaded.sha256 == sha256 { return (file, loaded.model) }
            }
        }
        return nil
    }

    private static func write(_ model: Model, to line: inout JSONLine) {
        line.key("network")
        line.string(model.graph.network)
        line.key("input")
        line.string("\(model.graph.input.height) x \(model.graph.input.width)")
        line.key("macs")
        line.integer(model.graph.macs)
        line.key("labels")
        line.beginArray()
        for label in model.labels { line.string(label) }
        line.endArray()
        line.key("unknown_below")
        line.number(Double(model.unknownThreshold), decimals: 4)
        line.key("temperature")
        line.number(Double(model.temperature), decimals: 4)
        let provenance = model.provenance
        line.key("method")
        line.string(provenance.method)
        line.key("calibration_images")
        line.integer(provenance.calibrationImages)
        line.key("calibration_sha256")
        line.string(provenance.calibrationDigest)
        line.key("weights_sha256")
        line.string(provenance.sourceSHA256)
        line.key("source")
        line.string(provenance.source)
    }
}
