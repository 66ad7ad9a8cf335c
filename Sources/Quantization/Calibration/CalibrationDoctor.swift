/// Looks at a folder of calibration photos and says what is wrong with it. Ranges are chosen from what these photos do to
/// the network, so they should be what the camera will see: whole, varied, and enough.
package struct CalibrationDoctor: Sendable {
    /// One sentence to act on.
    package struct Finding: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable {
            case unreadable, duplicate, light, shape, balance, number
        }
        package let kind: Kind
        package let text: String
    }

    /// Shorter side, in pixels, below which a photo says nothing and is left out.
    package static let leastSide = 16
    /// Mean brightness outside of which a photo is dark or bright, and contrast below which it is empty.
    static let (darkest, brightest, flattest) = (25.0, 230.0, 6.0)
    /// Bits in which fingerprints of near-duplicates differ at most.
    static let duplicateBits = 2
    /// Photos beyond this number are not compared in pairs.
    static let comparedPhotos = 4000
    /// A centre crop takes more than two fifths of a photo that is longer than this.
    static let longest = 5.0 / 3

    let photos: [PhotoFacts]
    /// Labels of the model.
    let labels: [String]
    /// Whether the model cuts pictures of another shape than its input's.
    let isCropped: Bool

    package init(photos: [PhotoFacts], labels: [String], isCropped: Bool = true) {
        (self.photos, self.labels, self.isCropped) = (photos, labels, isCropped)
    }

    /// Findings in order of kinds, each kind in the order of photos. At most ten of a kind name photos; the last one
    /// counts the rest.
    /// - Parameter spread: how sure the ranges are, where that is known.
    package func findings(spread: RangeSpread?) -> [Finding] {
        duplicates() + lights() + shapes() + balance() + number(spread)
    }

    private func bounded(_ kind: Finding.Kind, _ texts: [String], rest: String) -> [Finding] {
        var findings = texts.prefix(10).map { Finding(kind: kind, text: $0) }
        if texts.count > 10 { findings.append(Finding(kind: kind, text: "\(texts.count - 10) more \(rest)")) }
        return findings
    }

    private func duplicates() -> [Finding] {
        // Empty pictures all look alike; they are found by their light.
        let compared = photos.prefix(CalibrationDoctor.comparedPhotos)
            .filter { $0.contrast >= CalibrationDoctor.flattest }
        var texts: [String] = []
        for (i, photo) in compared.enumerated() {
            if let twin = compared.prefix(i).first(where: photo.looksLike) {
                texts.append("\(photo.path): looks the same as \(twin.path); keep one")
            }
        }
        return bounded(.duplicate, texts, rest: "photos look the same as another one")
    }

    private func lights() -> [Finding] {
        let texts = photos.compactMap { photo -> String? in
            let level = "brightness \(Int(photo.brightness.rounded())) of 255"
            if photo.contrast < CalibrationDoctor.flattest { return "\(photo.path): shows next to nothing (\(level))" }
            if photo.brightness < CalibrationDoctor.darkest { return "\(photo.path): is very dark (\(level))" }
            if photo.brightness > CalibrationDoctor.brightest { return "\(photo.path): is very bright (\(level))" }
            return nil
        }
        return bounded(.light, texts, rest: "photos are empty, very dark or very bright")
    }

    private func shapes() -> [Finding] {
        guard !photos.isEmpty else { return [] }
        var findings: [Finding] = []
        let long = photos.filter { isCropped && $0.elongation > CalibrationDoctor.longest }
        if !long.isEmpty {
            findings.append(
                Finding(
                    kind: .shape,
                    text: "\(long.count) of \(photos.count) photos lose more than 40 % to the centre crop, such as "
                        + "\(long[0].path) (\(long[0].width)x\(long[0].height))"))
        }
        let upright = photos.count { $0.height > $0.width }
        let lying = photos.count { $0.width > $0.height }
        if min(upright, lying) * 4 > photos.count {
            findings.append(
                Finding(
                    kind: .shape,
                    text: "\(upright) photos are upright and \(lying) lie; a fixed camera makes one kind only"))
        }
        return findings
    }

    private func balance() -> [Finding] {
        let named = Dictionary(grouping: photos.compactMap(\.label), by: { $0 }).mapValues(\.count)
        let counts = labels.map { (label: $0, photos: named[$0] ?? 0) }
        // Sub-folders may stand for anything; they are classes when most carry a label's name.
        guard counts.count(where: { $0.photos > 0 }) * 2 > labels.count else { return [] }
        var findings: [Finding] = []
        let missing = counts.filter { $0.photos == 0 }.map(\.label)
        if !missing.isEmpty {
            findings.append(Finding(kind: .balance, text: "no photo of \(missing.joined(separator: ", "))"))
        }
        let present = counts.filter { $0.photos > 0 }.sorted { $0.photos < $1.photos }
        if let least = present.first, let most = present.last, most.photos > 4 * least.photos {
            findings.append(
                Finding(
                    kind: .balance,
                    text: "\(most.photos) photos of \(most.label) but only \(least.photos) of \(least.label)"))
        }
        return findings
    }

    private func number(_ spread: RangeSpread?) -> [Finding] {
        guard let spread, spread.morePictures > 0 else { return [] }
        let percent = Int((spread.relativeError * 1000).rounded())
        return [
            Finding(
                kind: .number,
                text: "ranges are sure to within \(percent / 10).\(percent % 10) % only (\(spread.node)); "
                    + "\(spread.morePictures) more photos would bring that to 1 %")
        ]
    }
}
