import Planning
import Tensors
import Testing

@Suite struct ArenaPlannerTests {
    private func request(_ bytes: Int, _ lifetime: ClosedRange<Int>) -> ArenaPlanner.Request {
        ArenaPlanner.Request(shape: Shape(channels: bytes), lifetime: lifetime)
    }

    @Test func `Tensors that are never alive together share their bytes`() {
        let (placements, bytes) = ArenaPlanner.place([request(640, 0...1), request(320, 1...2), request(640, 2...3)])
        #expect(bytes == 960)
        #expect(placements[0].offset == placements[2].offset)
        #expect(ArenaPlanner.firstOverlap(placements) == nil)
    }

    @Test func `Places start on cache lines`() {
        let (placements, bytes) = ArenaPlanner.place([request(1, 0...1), request(65, 0...1), request(3, 1...1)])
        #expect(placements.allSatisfy { $0.offset % 64 == 0 })
        #expect(bytes == 64 + 128 + 64)
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `Random lifetimes never overlap in memory`(seed: UInt64) {
        var state = seed &* 0x9e37_79b9_7f4a_7c15
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let requests = (0..<20).map { _ in
            let start = next(12)
            return request(1 + next(5000), start...(start + next(6)))
        }
        let (placements, bytes) = ArenaPlanner.place(requests)
        #expect(ArenaPlanner.firstOverlap(placements) == nil, "seed \(seed)")
        let alive = (0..<20).map { step in
            placements.filter { $0.lifetime.contains(step) }.reduce(0) { $0 + $1.byteCount }
        }
        #expect(bytes >= alive.max() ?? 0)
        #expect(bytes <= placements.reduce(0) { $0 + $1.byteCount })
    }

    @Test func `The overlap check finds an overlap`() {
        let shape = Shape(channels: 100)
        let a = Placement(offset: 0, shape: shape, lifetime: 0...2)
        let b = Placement(offset: 64, shape: shape, lifetime: 2...3)
        let later = Placement(offset: 64, shape: shape, lifetime: 3...3)
        #expect(ArenaPlanner.firstOverlap([a, b]) != nil)
        #expect(ArenaPlanner.firstOverlap([a, later]) == nil)
    }
}
