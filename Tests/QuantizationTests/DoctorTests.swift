import Tensors
import Testing

@testable import Quantization

struct DoctorTests {
    static let extent = Shape(height: 32, width: 32, channels: 3)

    /// A photo of seeded stripes and noise.
    private func photo(
        _ name: String, label: String? = nil, seed: UInt64, width: Int = 64, height: Int = 48, light: Int = 0
    ) -> PhotoFacts {
        var random = SplitMix64(seed: seed)
        let waves = (0..<64).map { _ in random.float(in: 20, 230) }
        var pixels: [UInt8] = []
        for y in 0..<32 {
            for x in 0..<32 {
                let level = min(255, max(0, Int(waves[y / 4 * 8 + x / 4]) + light))
                pixels += [UInt8(level), UInt8(level), UInt8(level)]
            }
        }
        return PhotoFacts(
            path: name, label: label, width: width, height: height, pixels: pixels, extent: DoctorTests.extent)
    }

    private func findings(_ photos: [PhotoFacts], labels: [String] = [], spread: RangeSpread? = nil) -> [String] {
        CalibrationDoctor(photos: photos, labels: labels).findings(spread: spread).map(\.text)
    }

    @Test("Varied photos of one shape are nothing to complain about")
    func healthy() {
        let photos = (0..<20).map { photo("p\($0).jpg", seed: UInt64($0) + 1) }
        #expect(findings(photos) == [])
    }

    @Test("A slightly brighter copy is a near-duplicate, another picture is not")
    func duplicates() {
        let photos = [photo("a.jpg", seed: 1), photo("b.jpg", seed: 2), photo("c.jpg", seed: 1, light: 3)]
        #expect(findings(photos) == ["c.jpg: looks the same as a.jpg; keep one"])
    }

    @Test("Dark, bright and empty photos are named")
    func light() {
        let (dark, bright) = (photo("dark.jpg", seed: 1, light: -200), photo("bright.jpg", seed: 2, light: 200))
        let empty = PhotoFacts(
            path: "empty.jpg", label: nil, width: 64, height: 48, pixels: [UInt8](repeating: 90, count: 32 * 32 * 3),
            extent: DoctorTests.extent)
        #expect(
            findings([dark, bright, empty]).map { $0.prefix { $0 != " " } } == [
                "dark.jpg:", "bright.jpg:", "empty.jpg:",
            ])
        #expect(findings([empty]) == ["empty.jpg: shows next to nothing (brightness 90 of 255)"])
    }

    @Test("Long photos and a mixture of upright and lying ones are told")
    func shapes() {
        let long = photo("long.jpg", seed: 1, width: 200, height: 60)
        #expect(
            findings([long, photo("b.jpg", seed: 2)]) == [
                "1 of 2 photos lose more than 40 % to the centre crop, such as long.jpg (200x60)"
            ])
        let mixed = [photo("a.jpg", seed: 1), photo("b.jpg", seed: 2, width: 48, height: 64)]
        #expect(findings(mixed) == ["1 photos are upright and 1 lie; a fixed camera makes one kind only"])
    }

    @Test("Classes that are missing or rare are told, where folders are classes")
    func balance() {
        var photos = (0..<9).map { photo("cat\($0).jpg", label: "cat", seed: UInt64($0) + 1) }
        photos += [photo("dog.jpg", label: "dog", seed: 50)]
        #expect(
            findings(photos, labels: ["cat", "dog", "owl"]) == [
                "no photo of owl", "9 photos of cat but only 1 of dog",
            ])
        #expect(findings(photos, labels: ["x", "y", "z"]) == [], "folders that are no classes are left alone")
    }

    @Test("How many more photos would help follows from the spread of ranges")
    func number() {
        #expect(RangeSpread(relativeError: 0.02, node: "stem", pictures: 50).morePictures == 150)
        #expect(RangeSpread(relativeError: 0.009, node: "stem", pictures: 50).morePictures == 0)
        let text = findings([], spread: RangeSpread(relativeError: 0.02, node: "stem", pictures: 50))
        #expect(text == ["ranges are sure to within 2.0 % only (stem); 150 more photos would bring that to 1 %"])
    }

    @Test("The spread is the standard error of what single pictures say")
    func spread() throws {
        var observed = Observations(channels: [3, 8, 5])
        for (number, high) in [Float(3), 5].enumerated() {
            observed.pictures[number] = Observations.Picture(lows: [0, -1, 0], highs: [0, high, 0], logits: [])
        }
        // Extents 4 and 6: mean 5, standard deviation sqrt(2), standard error 1.
        let spread = try #require(RangeSpread(observed, numbers: [0, 1], names: ["a", "b"]))
        #expect(abs(spread.relativeError - 0.2) < 1e-9 && spread.node == "a" && spread.pictures == 2)
        #expect(RangeSpread(observed, numbers: [0], names: ["a", "b"]) == nil)
    }
}
