import Daemon
import Graphs
import Quantization
import Teaching
import Tensors

/// A folder of photos by class, checked for what would spoil a head.
struct TeachingPhotos: Sendable {
    /// Photos of a class below which there is nothing to hold back.
    static let fewest = 5
    /// A smallest class below this is taught in the few-shot way.
    static let fewShot = 10
    /// Photos beyond this number are not compared in pairs.
    static let compared = 4000

    let photos: CalibrationPhotos
    /// Sorted; without `unknown`.
    let labels: [String]
    /// Label of each photo; nil for photos of other things, in a folder named `unknown`, and for what `isUsed` leaves out.
    let labelOf: [Int?]
    /// Whether a photo lies in a class's folder, or in that of other things.
    let isUsed: [Bool]
    /// Photos of one group look the same.
    let groups: [Int]
    /// One sentence each, to act on.
    let findings: [String]

    /// - Throws: `badData` when a class is empty or too small, when there is only one, or when one photo has two labels.
    init(
        _ folder: String, _ preprocessing: Preprocessing, region: RegionOfInterest?, threads: Int,
        progress: @escaping @Sendable (Int, Int) -> Void
    ) throws(Failure) {
        let listing = try PhotoFolder(folder)
        let labels = listing.labels.filter { $0 != Classifier.unknown }
        guard let first = labels.first else {
            throw Failure(
                .badData,
                "\(folder): holds photos but no folders; put the photos of each class into a folder of its name, "
                    + "such as \(folder)/cat")
        }
        if let empty = listing.labels.first(where: { label in !listing.photos.contains { $0.label == label } }) {
            throw Failure(.badData, "\(folder)/\(empty): holds no .jpg files; put photos of \(empty) in, or remove it")
        }
        guard labels.count > 1 else {
            throw Failure(
                .badData,
                "\(folder): has only one class, \(first); a second is needed to tell it from: what the camera sees "
                    + "without it, in \(folder)/other")
        }
        photos = try CalibrationPhotos(
            folder, preprocessing, region: region, threads: threads, progress: progress)
        let facts = photos.facts
        self.labels = labels
        let index = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        labelOf = facts.map { $0.label.flatMap { index[$0] } }
        isUsed = facts.map { $0.label != nil }
        try TeachingPhotos.checkCounts(folder, labels: labels, labelOf: labelOf, complaints: photos.complaints)
        let likes = TeachingPhotos.alike(facts)
        try TeachingPhotos.checkTwice(likes, photos)
        groups = TeachingPhotos.groups(likes, count: facts.count)
        findings =
            TeachingPhotos.monotony(folder, labels: labels, labelOf: labelOf, groups: groups)
            + TeachingPhotos.findings(folder, likes, photos, labels: labels)
    }

    private static func checkCounts(
        _ folder: String, labels: [String], labelOf: [Int?], complaints: [String]
    ) throws(Failure) {
        for (index, label) in labels.enumerated() {
            let count = labelOf.count { $0 == index }
            guard count < fewest else { continue }
            let spoilt = complaints.first { $0.hasPrefix("\(folder)/\(label)/") }
            throw Failure(
                .badData,
                "\(folder)/\(label): has \(count) photo\(count == 1 ? "" : "s") that can be used; a class needs at least "
                    + "\(fewest), better 20, of different moments"
                    + (spoilt.map { "; the first that cannot: \($0)" } ?? ""))
        }
    }

    /// Pairs of photos that show next to the same, each with the first that it looks like.
    private static func alike(_ facts: [PhotoFacts]) -> [(Int, Int)] {
        var pairs: [(Int, Int)] = []
        for i in facts.indices.prefix(compared) {
            for j in 0..<i where facts[i].label != nil && facts[j].label != nil && facts[i].looksLike(facts[j]) {
                pairs.append((j, i))
            }
        }
        return pairs
    }

    /// The very same picture under two names is a mistake that no head can learn.
    private static func checkTwice(_ likes: [(Int, Int)], _ photos: CalibrationPhotos) throws(Failure) {
        for (a, b) in likes {
            let (first, second) = (photos.facts[a], photos.facts[b])
            guard first.label != second.label, try photos.pixels(a) == photos.pixels(b) else { continue }
            throw Failure(
                .badData,
                "\(second.path): is the same picture as \(first.path), under another name; take one of them away")
        }
    }

    private static func groups(_ likes: [(Int, Int)], count: Int) -> [Int] {
        var groups = Array(0..<count)
        func root(_ i: Int) -> Int {
            var i = i
            while groups[i] != i { i = groups[i] }
            return i
        }
        for (a, b) in likes {
            let (first, second) = (root(a), root(b))
            groups[max(first, second)] = min(first, second)
        }
        return groups.indices.map(root)
    }

    private static func monotony(_ folder: String, labels: [String], labelOf: [Int?], groups: [Int]) -> [String] {
        labels.enumerated().compactMap { index, label in
            let own = Set(zip(labelOf, groups).filter { $0.0 == index }.map(\.1))
            guard own.count < fewest else { return nil }
            return "\(folder)/\(label): its photos look nearly the same, and accuracy is flattered: take some at other "
                + "moments, in other light"
        }
    }

    private static func findings(
        _ folder: String, _ likes: [(Int, Int)], _ photos: CalibrationPhotos, labels: [String]
    ) -> [String] {
        let facts = photos.facts
        var texts = photos.complaints.map { "left out: \($0)" }
        let loose = facts.filter { $0.label == nil }
        if let one = loose.first {
            texts.append("\(loose.count) photos lie in no class's folder and were left out, such as \(one.path)")
        }
        let crossed = likes.filter { facts[$0.0].label != facts[$0.1].label }
        texts += crossed.prefix(10).map { a, b in
            "\(facts[b].path): looks like \(facts[a].path), which has another label; is one in the wrong folder?"
        }
        if crossed.count > 10 { texts.append("\(crossed.count - 10) more pairs look alike and have different labels") }
        let used = facts.filter { $0.label != nil }
        let own = CalibrationDoctor(photos: used, labels: labels).findings(spread: nil)
        // Pairs with different labels have been told.
        let told = Set(crossed.map { facts[$0.1].path })
        texts += own.map(\.text).filter { text in !told.contains { text.hasPrefix("\($0): looks the same") } }
        return texts
    }

    /// Photos of the smallest class.
    var smallestClass: Int { labels.indices.map { label in labelOf.count { $0 == label } }.min() ?? 0 }
    var isFewShot: Bool { smallestClass < TeachingPhotos.fewShot }
    /// Photos that teach, of classes and of other things.
    var used: [Int] { isUsed.indices.filter { isUsed[$0] } }
}
