import Foundation
import Fuzzing
import Tensors
import Testing

/// Every subject takes its own seeds, what is kept in `Tests/fuzz` because it once broke something, and a few thousand changed
/// inputs. The long runs are `make fuzz`.
@Suite struct FuzzSubjectTests {
    @Test(arguments: FuzzSubjects.all.map { $0.name })
    func `Seeds are accepted`(name: String) throws {
        let kind = try #require(FuzzSubjects.named(name))
        let seeds = try kind.seeds
        #expect(!seeds.isEmpty)
        var subject = try kind.init()
        for (number, seed) in seeds.enumerated() {
            #expect(seed.count <= kind.limit, "seed \(number) is longer than inputs may be")
            // A float network has a million weights: its seeds are its beginning only. Sensors say less in part.
            let isAccepted = subject.accepts(seed)
            if name != "weights" && name != "sensors" { #expect(isAccepted, "seed \(number)") }
        }
    }

    @Test(arguments: FuzzSubjects.all.map { $0.name })
    func `Kept inputs are survived`(name: String) throws {
        let kind = try #require(FuzzSubjects.named(name))
        var subject = try kind.init()
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("fuzz/\(name)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty, "\(folder.path) holds no input")
        for file in files {
            _ = subject.accepts(Array(try Data(contentsOf: file)))
        }
    }

    @Test(arguments: FuzzSubjects.all.map { $0.name })
    func `Changed inputs are survived, and most are refused`(name: String) throws {
        let kind = try #require(FuzzSubjects.named(name))
        let seeds = try kind.seeds
        var subject = try kind.init()
        var random = SplitMix64(seed: 2026)
        var refused = 0
        let count = 400
        for number in 0..<count {
            var input = seeds[number % seeds.count]
            for _ in 0..<Int.random(in: 1...6, using: &random) where !input.isEmpty {
                let place = Int.random(in: 0..<input.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: input[place] = UInt8.random(in: 0...255, using: &random)
                case 1: input.remove(at: place)
                case 2: input.insert(UInt8.random(in: 0...255, using: &random), at: place)
                default: input.removeSubrange(place..<min(input.count, place + 20))
                }
            }
            if !subject.accepts(input) { refused += 1 }
        }
        #expect(refused > 0, "\(name) takes anything")
    }
}
