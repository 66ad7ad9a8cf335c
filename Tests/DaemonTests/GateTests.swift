import Imaging
import Tensors
import Testing

@testable import Daemon

/// The motion gate: what moves, what is only light or noise, and which frames are inferred. Pure functions.
@Suite struct GateTests {
    private static let (width, height) = (60, 60)

    /// A room: shades, edges, a bright window and a dark corner. Values as a sensor without limits would give them.
    private static func room() -> [Double] {
        (0..<(width * height)).map { index -> Double in
            let (column, row) = (index % width, index / width)
            if column > 48 && row < 12 { return 280 }
            if column < 6 && row > 50 { return 3 }
            let pattern: Double = (column / 7 + row / 9) % 2 == 0 ? 0 : 30
            return 60 + Double(column) + 0.8 * Double(row) + pattern
        }
    }

    private static func grid(
        _ light: [Double], gain: Double = 1, offset: Double = 0, noise: Double = 0,
        _ random: inout SplitMix64
    ) -> LumaGrid {
        var cells: [UInt8] = []
        for value in light {
            // Twelve uniform numbers make nearly a normal one.
            var bell = -6.0
            for _ in 0..<12 { bell += Double.random(in: 0...1, using: &random) }
            let seen: Double = value * gain + offset + noise * bell
            cells.append(UInt8(max(0, min(255, seen.rounded()))))
        }
        return LumaGrid(width: width, height: height, cells: cells)
    }

    private static func with(_ light: [Double], patch side: Int, atX x: Int, y: Int, by step: Double) -> [Double] {
        var light = light
        for row in y..<(y + side) { for column in x..<(x + side) { light[row * width + column] += step } }
        return light
    }

    @Test(arguments: MotionSensitivity.allCases, [0.0, 0.5, 1, 2])
    func `sensor noise is no motion`(level: MotionSensitivity, noise: Double) {
        var (random, detector) = (SplitMix64(seed: 7), MotionDetector(level))
        let still = Self.grid(Self.room(), noise: noise, &random)
        for _ in 0..<40 {
            let finding = detector.compare(still, Self.grid(Self.room(), noise: noise, &random))
            #expect(!finding.moved, "\(finding)")
        }
    }

    @Test(arguments: [(0.75, 0.0), (1.3, 0), (1, 20), (1, -25), (0.9, 12), (1.2, -15)])
    func `light that changes everywhere alike is no motion`(gain: Double, offset: Double) {
        var (random, detector) = (SplitMix64(seed: 8), MotionDetector(.medium))
        let before = Self.grid(Self.room(), noise: 0.7, &random)
        let finding = detector.compare(
            before, Self.grid(Self.room(), gain: gain, offset: offset, noise: 0.7, &random))
        #expect(!finding.moved, "\(finding)")
        #expect(abs(Double(finding.gain) - gain) < 0.06, "\(finding)")
    }

    @Test(arguments: [(0.1, 0.0), (1, 120), (0.0, 128)])
    func `a light that is switched and a covered lens are a change`(gain: Double, offset: Double) {
        var (random, detector) = (SplitMix64(seed: 9), MotionDetector(.low))
        let before = Self.grid(Self.room(), noise: 0.7, &random)
        #expect(detector.compare(before, Self.grid(Self.room(), gain: gain, offset: offset, &random)).moved)
    }

    @Test(arguments: [(MotionSensitivity.low, 10, 40.0), (.medium, 5, 20), (.high, 3, 10)], [1.0, 0.8, 1.25])
    func `something that moves is seen, also while the light changes`(
        what: (MotionSensitivity, Int, Double), gain: Double
    ) {
        let (level, side, step) = what
        var (random, detector) = (SplitMix64(seed: 10), MotionDetector(level))
        let before = Self.grid(Self.room(), noise: 0.5, &random)
        for (x, y) in [(10, 10), (30, 40), (20, 25)] {
            let light = Self.with(Self.room(), patch: side, atX: x, y: y, by: step)
            let finding = detector.compare(before, Self.grid(light, gain: gain, noise: 0.5, &random))
            #expect(finding.moved, "\(finding)")
        }
    }

    @Test func `half of the picture that moves does not pass for light`() {
        var (random, detector) = (SplitMix64(seed: 11), MotionDetector(.low))
        let before = Self.grid(Self.room(), noise: 0.5, &random)
        let after = Self.grid(Self.with(Self.room(), patch: 40, atX: 5, y: 5, by: 60), noise: 0.5, &random)
        #expect(detector.compare(before, after).moved)
    }

    @Test func `pictures of another extent differ`() {
        var detector = MotionDetector(.low)
        let (wide, high) = (
            LumaGrid(width: 4, height: 2, cells: [UInt8](repeating: 9, count: 8)),
            LumaGrid(width: 2, height: 4, cells: [UInt8](repeating: 9, count: 8))
        )
        #expect(detector.compare(wide, high).moved)
        #expect(detector.compare(LumaGrid(), LumaGrid()).moved)
    }

    // MARK: which frames are inferred

    private static let frameNs: UInt64 = 33_000_000

    private func gate(
        _ method: SmoothingConfiguration.Method = .exponential(timeConstantMs: 150), heartbeatNs: UInt64 = 1_000_000_000
    ) -> FrameGate {
        FrameGate(
            GateConfiguration(
                .medium, heartbeatNs: heartbeatNs, smoothing: SmoothingConfiguration(method: method, unknownBelow: 0.5),
                preprocessing: Preprocessing(width: 8, height: 8, cropFraction: 1, std: 64)))
    }

    /// Feeds pictures at 30 a second and infers what the gate says; the verdicts.
    private func run(
        _ gate: inout FrameGate, _ pictures: Int, from start: Int = 1, agrees: Bool = true,
        _ picture: (Int) -> LumaGrid?
    ) -> [FrameGate.Verdict] {
        (start..<(start + pictures)).map { index in
            let (grid, now) = (picture(index), UInt64(index) * Self.frameNs)
            let verdict = gate.judge(grid, atNs: now)
            if verdict.isInferred { gate.inferred(grid, atNs: now, agrees: agrees) }
            return verdict
        }
    }

    @Test func `an unchanged scene is inferred until it has settled, then once a heartbeat`() {
        var (random, gate) = (SplitMix64(seed: 1), gate())
        let verdicts = run(&gate, 300) { _ in Self.grid(Self.room(), noise: 1, &random) }
        #expect(verdicts[0] == .moved)
        #expect(verdicts.count { $0 == .moved } == 1)
        // 750 ms of 33 ms each.
        #expect(verdicts[1..<23].allSatisfy { $0 == .settling })
        #expect(verdicts.dropFirst(23).allSatisfy { $0 == .still || $0 == .heartbeat })
        #expect((8...10).contains(verdicts.count { $0 == .heartbeat }))
        #expect(gate.restingRate(nowNs: 300 * Self.frameNs) == nil)
        #expect(gate.restingRate(nowNs: 11_000_000_000) == 5)
    }

    @Test func `without smoothing three results settle a label, and a vote takes its window`() {
        for (method, wanted) in [
            (SmoothingConfiguration.Method.none, 3), (.majority(window: 7), 7), (.majority(window: 1), 3),
        ] {
            var (random, gate) = (SplitMix64(seed: 2), gate(method))
            let verdicts = run(&gate, 30) { _ in Self.grid(Self.room(), &random) }
            #expect(verdicts.prefix { $0.isInferred }.count == wanted)
            #expect(verdicts.dropFirst(wanted).allSatisfy { $0 == .still })
        }
    }

    @Test func `motion opens the gate at once, and what crept up is seen`() {
        var (random, gate) = (SplitMix64(seed: 3), gate(.none, heartbeatNs: 3_600_000_000_000))
        _ = run(&gate, 100) { _ in Self.grid(Self.room(), noise: 0.5, &random) }
        let moved = Self.with(Self.room(), patch: 8, atX: 20, y: 20, by: 50)
        #expect(gate.judge(Self.grid(moved, noise: 0.5, &random), atNs: 101 * Self.frameNs) == .moved)
        // A shadow that grows by a tenth of a step a frame is compared with what was inferred last.
        var creeping = self.gate(.none, heartbeatNs: 3_600_000_000_000)
        let verdicts = run(&creeping, 300) { index in
            Self.grid(
                Self.with(Self.room(), patch: 12, atX: 20, y: 20, by: Double(index) * 0.1), noise: 0.3, &random)
        }
        #expect((3...6).contains(verdicts.dropFirst().count { $0 == .moved }), "\(verdicts.count { $0 == .moved })")
    }

    @Test func `while frames are inferred anyway few are looked at, and motion goes on being seen`() {
        var (random, gate) = (SplitMix64(seed: 6), gate())
        var (looks, verdicts): (Int, [FrameGate.Verdict]) = (0, [])
        for index in 1...300 {
            let now = UInt64(index) * Self.frameNs
            // Something walks for five seconds, then stands.
            let light = Self.with(Self.room(), patch: 10, atX: min(index, 150) % 40, y: 20, by: 50)
            guard gate.needsLook(atNs: now) else {
                gate.inferredUnseen(atNs: now)
                verdicts.append(.settling)
                continue
            }
            looks += index <= 150 ? 1 : 0
            let grid = Self.grid(light, noise: 0.5, &random)
            let verdict = gate.judge(grid, atNs: now)
            if verdict.isInferred { gate.inferred(grid, atNs: now, agrees: true) }
            verdicts.append(verdict)
        }
        // Five a second of thirty.
        #expect((20...26).contains(looks), "\(looks)")
        #expect(verdicts[..<150].allSatisfy { $0.isInferred })
        #expect(verdicts[180...].allSatisfy { $0 == .still || $0 == .heartbeat })
    }

    @Test func `frames that cannot be judged are inferred, and a reset forgets`() {
        var (random, gate) = (SplitMix64(seed: 4), gate(.none))
        #expect(run(&gate, 20) { _ in nil }.allSatisfy { $0 == .moved })
        _ = run(&gate, 20, from: 21) { _ in Self.grid(Self.room(), &random) }
        #expect(gate.judge(Self.grid(Self.room(), &random), atNs: 42 * Self.frameNs) == .still)
        gate.reset()
        #expect(gate.judge(Self.grid(Self.room(), &random), atNs: 43 * Self.frameNs) == .moved)
        #expect(gate.restingRate(nowNs: 1 << 60) == nil)
    }

    @Test func `a heartbeat that contradicts the label is followed up once`() {
        var (random, gate) = (SplitMix64(seed: 5), gate(.none))
        _ = run(&gate, 60) { _ in Self.grid(Self.room(), &random) }
        let verdicts = run(&gate, 300, from: 61, agrees: false) { _ in Self.grid(Self.room(), &random) }
        let heartbeats = verdicts.count { $0 == .heartbeat }
        let settling = verdicts.count { $0 == .settling }
        #expect(heartbeats >= 8)
        // After the first heartbeat, and not after each.
        #expect((2...6).contains(settling), "\(settling)")
    }

    // MARK: what a subscriber is told meanwhile

    @Test(arguments: [
        SmoothingConfiguration.Method.none, .exponential(timeConstantMs: 150), .majority(window: 7),
    ])
    func `a label holds while nothing moves, and one odd frame afterwards does not turn it`(
        method: SmoothingConfiguration.Method
    ) {
        var smoother = Smoother(SmoothingConfiguration(method: method, unknownBelow: 0.5))
        var tracker = PresenceTracker()
        let scores: [Float] = [0.9, 0.1]
        var changes: [PresenceTracker.Change] = []
        for index in 1...40 as ClosedRange<UInt64> {
            let belief = smoother.add(scores, atNs: index * Self.frameNs)
            changes += tracker.add(belief, atNs: index * Self.frameNs, forgetAfterNs: 5_000_000_000)
        }
        // Ten minutes of frames in which nothing moves: beyond the time after which a pause is forgotten.
        for index in 41...18_000 as ClosedRange<UInt64> {
            smoother.hold(atNs: index * Self.frameNs)
            tracker.hold(atNs: index * Self.frameNs)
        }
        let odd: [Float] = method == .none ? scores : [0.1, 0.9]
        let belief = smoother.add(odd, atNs: 18_001 * Self.frameNs)
        changes += tracker.add(belief, atNs: 18_001 * Self.frameNs, forgetAfterNs: 5_000_000_000)
        #expect(belief.index == 0)
        #expect(belief.isStable)
        #expect(changes.count == 1, "arrived once, never left: \(changes)")
    }
}
