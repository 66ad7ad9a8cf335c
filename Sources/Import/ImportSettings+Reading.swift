import Foundation

extension ImportSettings {
    /// Takes mean, std and crop from a JSON file as timm (`config.json`) and transformers (`preprocessor_config.json`)
    /// write it.
    package mutating func read(_ path: String) throws(ImportError) {
        let object = try ImportSettings.object(path)
        let own = object["pretrained_cfg"] as? [String: Any] ?? object
        if let mean = ImportSettings.triple(own["mean"] ?? own["image_mean"]) { normalization.mean = mean }
        if let std = ImportSettings.triple(own["std"] ?? own["image_std"]) { normalization.std = std }
        if let crop = (own["crop_pct"] ?? own["crop_fraction"]) as? NSNumber {
            guard crop.doubleValue > 0 && crop.doubleValue <= 1 else {
                throw ImportError(path: path, "crop_pct \(crop) is outside (0, 1]")
            }
            cropFraction = crop.doubleValue
        }
        guard normalization.isUsable else {
            throw ImportError(path: path, "mean and std are not three usable numbers each")
        }
    }

    /// One label a line; empty lines are left out.
    package static func labels(readingFrom path: String) throws(ImportError) -> [String] {
        guard let text = String(data: try data(path), encoding: .utf8) else {
            throw ImportError(path: path, "is not a UTF-8 text")
        }
        return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }

    private static func data(_ path: String) throws(ImportError) -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ImportError(code: .noInput, path: path, "cannot be read; check the path")
        }
        guard data.count <= 4 << 20 else { throw ImportError(path: path, "is larger than any such file") }
        return data
    }

    private static func object(_ path: String) throws(ImportError) -> [String: Any] {
        let data = try data(path)
        guard let parsed = try? JSONSerialization.jsonObject(with: data), let object = parsed as? [String: Any] else {
            throw ImportError(path: path, "is not a JSON object")
        }
        return object
    }

    private static func triple(_ value: Any?) -> [Float]? {
        guard let numbers = value as? [NSNumber], numbers.count == 3 else { return nil }
        return numbers.map(\.floatValue)
    }
}
