import ImagingHarness
import Tensors
import Testing

@testable import Imaging

@Suite struct DamageTests {
    @Test func `damaged JPEGs of every kind are refused or decoded, and each is counted`() throws {
        var trial = DamageTrial()
        try trial.run(count: 270, seed: 7)
        #expect(trial.total == 270 && trial.broken == 0)
        #expect(trial.counts.count == JPEGDamage.Kind.allCases.count)
        #expect(trial.counts[.noiseOnly]?["corrupt"] == 30)
        #expect(trial.refused > 150)
    }

    @Test func `a picture far larger than the stream is refused before it is decoded`() throws {
        let bytes = try Fixture.jpeg(Fixture.smooth(320, 240), 320, 240)
        var frame = Fixture.jpegFrame(bytes)
        var preparer = try Preparer(Fixture.preprocessing(8))
        (frame.width, frame.height) = (320, 240)
        #expect(try preparer.prepare(frame).count == 192)
        (frame.width, frame.height) = (64, 48)
        #expect(#expect(throws: ImagingError.self) { try preparer.prepare(frame) }?.code == .corrupt)
    }
}
