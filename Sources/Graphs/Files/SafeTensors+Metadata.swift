import Tensors

/// The metadata that float and int8 files share.
extension SafeTensors {
    /// One label per logit: not empty, unique, of bounded length.
    func labels(count: Int) throws(ModelFileError) -> [String] {
        guard case .array(let values) = try json("labels") else {
            throw .badData(path, "__metadata__ labels: is not a list")
        }
        guard values.count == count else {
            throw .badData(path, "__metadata__ labels: has \(values.count) labels for a network of \(count) outputs")
        }
        var labels: [String] = []
        var seen = Set<String>()
        for value in values {
            guard case .string(let label) = value, !label.isEmpty, label.utf8.count <= GraphLimits.nameBytes else {
                throw .badData(path, "__metadata__ labels: label \(labels.count) is not a text of 1...256 bytes")
            }
            // C1 as well: terminals obey U+009B as they do ESC [.
            guard !label.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }) else {
                throw .badData(path, "__metadata__ labels: label \(labels.count) holds a control character")
            }
            guard seen.insert(label).inserted else {
                throw .badData(path, "__metadata__ labels: '\(label)' occurs twice")
            }
            labels.append(label)
        }
        return labels
    }

    func preprocessing() throws(ModelFileError) -> Preprocessing {
        let object = try JSONObject(try json("preprocessing"), what: "__metadata__ preprocessing", path: path)
        let width = try object.integer("width", in: 1...GraphLimits.inputExtent)
        let height = try object.integer("height", in: 1...GraphLimits.inputExtent)
        let name = object.optional("crop") == nil ? Preprocessing.Fit.crop.rawValue : try object.string("crop")
        guard let fit = Preprocessing.Fit(rawValue: name) else {
            let names = Preprocessing.Fit.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw object.bad("crop", "only \(names) are supported")
        }
        guard try object.string("resize") == "triangle" else {
            throw object.bad("resize", "only \"triangle\" is supported")
        }
        let fraction = object.optional("crop_fraction") == nil ? 1 : try object.double("crop_fraction")
        guard fraction > 0 && fraction <= 1 else { throw object.bad("crop_fraction", "\(fraction) is outside (0, 1]") }
        let mean = try object.floats("mean")
        guard mean == [128, 128, 128] else {
            throw object.bad(
                "mean", "\(mean.prefix(4)): only 128 for each channel is supported, so that padding is exact")
        }
        let std = try object.floats("std")
        guard std.count == 3, std.allSatisfy({ $0 == std[0] }), std[0] >= 1e-3, std[0] <= 1e6 else {
            throw object.bad("std", "\(std.prefix(4)): one positive value for all three channels is supported")
        }
        try object.refuseOtherMembers()
        return Preprocessing(width: width, height: height, fit: fit, cropFraction: fraction, std: std[0])
    }

    /// 1 when the file does not say.
    func temperature() throws(ModelFileError) -> Float { try number("temperature", default: 1, in: 1e-3...1e3) }

    /// 0, which switches the rule off, when the file does not say.
    func unknownThreshold() throws(ModelFileError) -> Float { try number("unknown_threshold", default: 0, in: 0...1) }

    private func number(
        _ key: String, default absent: Float, in range: ClosedRange<Float>
    ) throws(ModelFileError) -> Float {
        if metadata[key] == nil { return absent }
        guard case .number(let text) = try json(key), let value = Float(text), range.contains(value) else {
            throw .badData(path, "__metadata__ \(key): is not a number in \(range.lowerBound)...\(range.upperBound)")
        }
        return value
    }

    func provenance() throws(ModelFileError) -> Provenance {
        let object = try JSONObject(try json("provenance"), what: "__metadata__ provenance", path: path)
        let provenance = Provenance(
            sourceSHA256: try object.string("source_sha256"),
            calibrationDigest: try object.string("calibration_digest"),
            calibrationImages: try object.integer("calibration_images", in: 0...Int(Int32.max)),
            method: try object.string("method"),
            source: try object.string("source"))
        try object.refuseOtherMembers()
        return provenance
    }
}

extension JSONObject {
    func floats(_ name: String) throws(ModelFileError) -> [Float] {
        guard case .array(let values) = try value(name) else { throw bad(name, "is not a list") }
        var floats: [Float] = []
        for value in values {
            guard case .number(let text) = value, let float = Float(text), float.isFinite else {
                throw bad(name, "holds something that is not a finite number")
            }
            floats.append(float)
        }
        return floats
    }
}
