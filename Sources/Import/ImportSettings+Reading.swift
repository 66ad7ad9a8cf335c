import Glibc
import LinuxIO
import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ImportSettings {
    /// Takes from a JSON file what timm (`config.json`) or transformers (`preprocessor_config.json`, `config.json`) say
    /// there: mean, std, size, crop, fit, colour order, labels.
    /// - Throws: also for what is asked for and cannot be done.
    package mutating func read(_ path: String) throws(ImportError) {
        let file: SideFile
        do { file = try JSONDecoder().decode(SideFile.self, from: Data(try ImportSettings.bytes(path))) } catch {
            throw error as? ImportError
                ?? ImportError(
                    path: path, "is not a JSON object with mean, std and crop as timm or transformers write them")
        }
        for values in [file.values, file.pretrained].compactMap({ $0 }) {
            do throws(ImportFault) { try take(values) } catch { throw ImportError(path: path, error.message) }
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

    private mutating func take(_ values: SideFile.Values) throws(ImportFault) {
        if values.normalizes == false {
            (mean, std) = ([0, 0, 0], [1, 1, 1])
        } else {
            if let mean = values.mean ?? values.imageMean { self.mean = mean }
            if let std = values.std ?? values.imageStd { self.std = std }
        }
        guard normalization(usual: .imageNet).isUsable else {
            throw ImportFault("mean and std are not three usable numbers each")
        }
        if let factor = values.rescaleFactor, abs(factor * 255 - 1) > 1e-3 {
            throw ImportFault("rescale_factor \(factor): only 1/255 is supported")
        }
        if values.flipsChannels == true { readsBlueFirst = true }
        try takeSize(values)
        if let labels = values.labels { self.labels = labels }
        if let filter = values.interpolation ?? values.resample.map({ SideFile.filters[$0] ?? "number \($0)" }),
            filter != "bilinear"
        {
            notes.append(
                "resizes with an antialiased triangle filter where \(filter.prefix(20).printable) is asked for")
        }
    }

    private mutating func takeSize(_ values: SideFile.Values) throws(ImportFault) {
        var side = values.cropSize?.side ?? values.size?.side
        if let size = values.inputSize {
            guard size.count == 3, size[0] == 3, size[1] == size[2] else {
                throw ImportFault("input_size \(size.prefix(4)): three channels and a square are supported")
            }
            side = size[1]
        }
        if let side {
            guard (1...4096).contains(side) else { throw ImportFault("the input's size \(side) cannot be") }
            extent = side
        }
        if let crop = values.cropShare ?? values.cropFraction {
            guard crop > 0 && crop <= 1 else { throw ImportFault("crop_pct \(crop) is outside (0, 1]") }
            cropFraction = crop
        } else if let crop = values.cropSize?.side, values.cropsCentre ?? true, let size = values.size?.side,
            size >= crop,
            crop > 0
        {
            cropFraction = Double(crop) / Double(size)
        }
        switch values.cropMode {
        case nil, "center": break
        case "squash": fit = .stretch
        case "border": fit = .letterbox
        case .some(let mode): throw ImportFault("crop_mode \(mode.prefix(20).printable) is not supported")
        }
        if values.size?.isRectangle == true, values.cropSize == nil || values.cropsCentre == false { fit = .stretch }
    }
}

/// What is used of a side file: at the top, or in `pretrained_cfg`.
private struct SideFile: Decodable {
    /// Of PIL, as transformers number them.
    static let filters = [0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"]

    struct Values: Decodable {
        var mean: [Float]?
        var std: [Float]?
        var imageMean: [Float]?
        var imageStd: [Float]?
        var normalizes: Bool?
        var rescaleFactor: Double?
        var flipsChannels: Bool?
        var inputSize: [Int]?
        var size: Extent?
        var cropSize: Extent?
        var cropsCentre: Bool?
        var cropShare: Double?
        var cropFraction: Double?
        var cropMode: String?
        var interpolation: String?
        var resample: Int?
        private var labelNames: [String]?
        private var labelsByNumber: [String: String]?

        /// In order; nil where the file has none, or not one for every number.
        var labels: [String]? {
            guard let labelsByNumber else { return labelNames }
            let labels = (0..<labelsByNumber.count).compactMap { labelsByNumber["\($0)"] }
            return labels.count == labelsByNumber.count ? labels : nil
        }

        enum CodingKeys: String, CodingKey {
            case mean, std, size, interpolation, resample
            case imageMean = "image_mean"
            case imageStd = "image_std"
            case normalizes = "do_normalize"
            case rescaleFactor = "rescale_factor"
            case flipsChannels = "do_flip_channel_order"
            case inputSize = "input_size"
            case cropSize = "crop_size"
            case cropsCentre = "do_center_crop"
            case cropShare = "crop_pct"
            case cropFraction = "crop_fraction"
            case cropMode = "crop_mode"
            case labelNames = "label_names"
            case labelsByNumber = "id2label"
        }
    }

    /// A number, or `{"shortest_edge": n}`, or `{"height": n, "width": n}`.
    struct Extent: Decodable {
        let side: Int?
        let isRectangle: Bool

        private enum CodingKeys: String, CodingKey {
            case height, width
            case shortest = "shortest_edge"
        }

        init(from decoder: any Decoder) throws {
            if let number = try? decoder.singleValueContainer().decode(Int.self) {
                (side, isRectangle) = (number, false)
                return
            }
            let object = try decoder.container(keyedBy: CodingKeys.self)
            let shortest = try object.decodeIfPresent(Int.self, forKey: .shortest)
            let height = try object.decodeIfPresent(Int.self, forKey: .height)
            let width = try object.decodeIfPresent(Int.self, forKey: .width)
            guard height == width else {
                throw DecodingError.dataCorruptedError(forKey: .width, in: object, debugDescription: "no square")
            }
            (side, isRectangle) = (shortest ?? height, shortest == nil && height != nil)
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
