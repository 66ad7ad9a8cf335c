import NIOCore
import Testing
import Wire

@testable import Publishing

struct OutboundQueueTests {
    private func queue(ring: Int = 4, ringBytes: Int = 1000, hard: Int = 6, hardBytes: Int = 1000) -> OutboundQueue {
        OutboundQueue(
            limits: .init(ringMessages: ring, ringBytes: ringBytes, hardMessages: hard, hardBytes: hardBytes))
    }

    private func drain(_ queue: inout OutboundQueue) -> [String] {
        var lines: [String] = []
        while let line = queue.next() { lines.append(String(buffer: line)) }
        return lines
    }

    @Test func linesLeaveInTheOrderTheyCame() {
        var queue = queue()
        #expect(queue.push(result: ByteBuffer(string: "r1")) == 0)
        #expect(queue.push(ByteBuffer(string: "s1"), kind: .state) == true)
        #expect(queue.push(ByteBuffer(string: "a1"), kind: .reply) == true)
        #expect(queue.push(result: ByteBuffer(string: "r2")) == 0)
        #expect(queue.replies == 1)
        #expect(drain(&queue) == ["r1", "s1", "a1", "r2"])
        #expect(queue.replies == 0 && queue.isEmpty)
    }

    @Test func aFullRingKeepsTheNewestResultAndAllElseAndSaysHowManyWereLost() {
        var queue = queue()
        var lost: UInt64 = 0
        for n in 1...3 { lost += queue.push(result: ByteBuffer(string: "r\(n)")) }
        #expect(queue.push(ByteBuffer(string: "s1"), kind: .state) == true)
        lost += queue.push(result: ByteBuffer(string: "r4"))
        #expect(lost == 3)
        #expect(queue.push(ByteBuffer(string: "s2"), kind: .state) == true)
        #expect(drain(&queue) == ["s1", "{\"type\":\"gap\",\"dropped\":3}\n", "r4", "s2"])
        #expect(queue.push(result: ByteBuffer(string: "r5")) == 0)
        #expect(drain(&queue) == ["r5"])
    }

    @Test func bytesFillTheRingToo() {
        var queue = queue(ring: 100, ringBytes: 10)
        #expect(queue.push(result: ByteBuffer(string: "12345")) == 0)
        #expect(queue.push(result: ByteBuffer(string: "67890")) == 0)
        #expect(queue.push(result: ByteBuffer(string: "x")) == 2)
        #expect(drain(&queue) == ["{\"type\":\"gap\",\"dropped\":2}\n", "x"])
    }

    @Test func stateEventsAreRefusedOnlyAtTheHardCap() {
        var queue = queue()
        for n in 1...6 {
            let isTaken = queue.push(ByteBuffer(string: "s\(n)"), kind: .state)
            #expect(isTaken)
        }
        #expect(queue.push(ByteBuffer(string: "s7"), kind: .state) == false)
        #expect(queue.push(result: ByteBuffer(string: "r1")) == 0)
        #expect(queue.push(result: ByteBuffer(string: "r2")) == 1)
        var narrow = self.queue(hardBytes: 5)
        #expect(narrow.push(ByteBuffer(string: "12345"), kind: .reply) == true)
        #expect(narrow.push(ByteBuffer(string: "6"), kind: .state) == false)
    }

    @Test func whateverComesTheQueueStaysWithinItsBounds() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = Lehmer(seed: seed)
        var queue = queue(ring: 8, hard: 5)
        var (sent, taken, lost, noted) = (0, 0, UInt64(0), UInt64(0))
        for step in 0..<20_000 {
            switch random.next() % 5 {
            case 0, 1:
                lost += queue.push(result: ByteBuffer(string: "r\(step)"))
                sent += 1
            case 2: _ = queue.push(ByteBuffer(string: "s\(step)"), kind: .state)
            default:
                guard let line = queue.next() else { continue }
                let text = String(buffer: line)
                if text.hasPrefix("r") { taken += 1 }
                if case .gap(let gap)? = try? ServerMessage(line: Array(text.utf8)) { noted += gap.dropped }
            }
        }
        for line in drain(&queue) {
            if line.hasPrefix("r") { taken += 1 }
            if case .gap(let gap)? = try? ServerMessage(line: Array(line.utf8)) { noted += gap.dropped }
        }
        #expect(taken + Int(noted) == sent && noted == lost && lost > 0)
    }
}

/// A small generator for the order of steps (Park and Miller 1988).
private struct Lehmer {
    private var state: UInt64
    init(seed: UInt64) { state = seed % 2_147_483_646 + 1 }
    mutating func next() -> UInt64 {
        state = state * 48_271 % 2_147_483_647
        return state
    }
}
