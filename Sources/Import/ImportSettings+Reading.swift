import Glibc
import LinuxIO

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ImportSettings {
    /// Takes mean, std and crop from a JSON file as timm (`config.json`) and transformers (`preprocessor_config.json`)
    /// write it.
    package mutating func read(_ path: String) throws(ImportError) {
        let file: SideFile
        do { file = try JSONDecoder().decode(SideFile.self, from: Data(try ImportSettings.bytes(path))) } catch {
            throw error as? ImportError
                ?? ImportError(
                    path: path, "is not a JSON object with mean, std and crop as timm or transformers write them")
        }
        let own = file.pretrained ?? file.values
        if let mean = own.mean ?? own.imageMean, mean.count == 3 { normalization.mean = mean }
        if let std = own.std ?? own.imageStd, std.count == 3 { normalization.std = std }
        if let crop = own.cropShare ?? own.cropFraction {
            guard crop > 0 && crop <= 1 else { throw ImportError(path: path, "crop_pct \(crop) is outside (0, 1]") }
            cropFraction = crop
        }
        guard normalization.isUsable else {
            throw ImportError(path: path, "mean and std are not three usable numbers each")
        }
    }

    /// One label a line; empty lines are left out.
    package static func labels(readingFrom path: String) throws(ImportError) -> [String] {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw ImportError(path: path, "is not a UTF-8 text")
        }
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, let last = words.last else { return nil }
            return String(line[first.startIndex..<last.endIndex])
        }
    }

    private static func bytes(_ path: String) throws(ImportError) -> [UInt8] {
        do { return try SmallFile.bytes(at: path, limit: 4 << 20) } catch {
            throw error.errno == EFBIG
                ? ImportError(path: path, "is larger than any such file")
                : ImportError(code: .noInput, path: path, "cannot be read: \(error.reason); check the path")
        }
    }
}

/// What is used of a side file: at the top, or in `pretrained_cfg`.
private struct SideFile: Decodable {
    struct Values: Decodable {
        var mean: [Float]?
        var std: [Float]?
        var imageMean: [Float]?
        var imageStd: [Float]?
        var cropShare: Double?
        var cropFraction: Double?

        enum CodingKeys: String, CodingKey {
            case mean, std
            case imageMean = "image_mean"
            case imageStd = "image_std"
            case cropShare = "crop_pct"
            case cropFraction = "crop_fraction"
        }
    }

    enum CodingKeys: String, CodingKey { case pretrained = "pretrained_cfg" }

    let values: Values
    let pretrained: Values?

    init(from decoder: any Decoder) throws {
        values = try Values(from: decoder)
        pretrained = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(Values.self, forKey: .pretrained)
    }
}
