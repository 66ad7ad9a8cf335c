import Engine
import Graphs
import Kernels
import Planning
import Quantization
import Synchronization
import Testing

/// Whole networks against the plain integer interpreter: equal bits, whatever the CPU mask, the strip height and the
/// number of threads.
@Suite struct SessionTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let seed: UInt64
        let size: Int
        let channels: Int
        var testDescription: String { "seed \(seed), \(size)x\(size), \(channels) channels" }
    }

    /// Sizes with every remainder of four after each stride, channels with and without a tail.
    static let cases = [
        Case(seed: 1, size: 32, channels: 16), Case(seed: 2, size: 30, channels: 8),
        Case(seed: 3, size: 23, channels: 12),
        Case(seed: 4, size: 17, channels: 5), Case(seed: 5, size: 9, channels: 33), Case(seed: 6, size: 2, channels: 3),
    ]

    @Test(arguments: cases)
    func `The engine gives the interpreter's logits bit for bit`(_ subject: Case) throws {
        let graph = ProbeNetwork.graph(seed: subject.seed, size: subject.size, channels: subject.channels)
        let picture = ProbeNetwork.picture(seed: subject.seed, size: subject.size)
        let expected = IntegerInterpreter(graph).run(pixels: picture).logits
        #expect(Set(expected).count > 1, "random networks tell their outputs apart")

        for mask in CPUFeatures.distinctMasks {
            for stripBytes in [0, 8 << 10, 1 << 20] {
                let plan = try Planner.plan(graph, for: mask.features, stripBytes: stripBytes)
                let session = try Session(plan: plan, maxThreads: 3)
                session.setPicture(picture.span)
                for threads in 1...3 {
                    session.run(threads: threads)
                    #expect(session.logits == expected, "mask \(mask.name), strips \(stripBytes), \(threads) threads")
                }
            }
        }
    }

    @Test func `MobileNetV1, which takes every step of the ladder, gives the same logits on each`() throws {
        let graph = try SyntheticModel.quantized(.mobileNetV1, extent: 64).graph
        let picture = try #require(SyntheticModel.pictures(1, of: graph.input, seed: 9).first)
        let expected = IntegerInterpreter(graph).run(pixels: picture).logits
        for mask in CPUFeatures.distinctMasks {
            let plan = try Planner.plan(graph, for: mask.features)
            #expect(plan.features == mask.features, "mask \(mask.name) is used in full")
            let session = try Session(plan: plan, maxThreads: 2)
            session.setPicture(picture.span)
            for threads in 1...2 {
                session.run(threads: threads)
                #expect(session.logits == expected, "mask \(mask.name), \(threads) threads")
            }
        }
    }

    @Test func `A second picture leaves nothing behind of the first`() throws {
        let graph = ProbeNetwork.graph(seed: 7, size: 26, channels: 9)
        let session = try Session(plan: Planner.plan(graph, for: .detected), maxThreads: 2)
        let interpreter = IntegerInterpreter(graph)
        for seed: UInt64 in [1, 2, 1] {
            let picture = ProbeNetwork.picture(seed: seed, size: 26)
            session.setPicture(picture.span)
            session.run(threads: 2)
            #expect(session.logits == interpreter.run(pixels: picture).logits)
        }
    }

    @Test func `Timed steps are named by the plan and none is missing`() throws {
        let graph = ProbeNetwork.graph(seed: 8, size: 16, channels: 8)
        let session = try Session(plan: Planner.plan(graph, for: .detected), maxThreads: 2)
        let times = session.runTimed(threads: 2)
        #expect(times.count == session.plan.steps.count)
    }

    @Test func `A team runs its job once a worker, again and again`() throws {
        let counts = Counts()
        let team = try WorkerTeam(size: 3) { worker, count in counts.add(worker: worker, of: count) }
        for round in 0..<1000 { team.run(workers: round % 3 + 1) }
        #expect(counts.total == (0..<1000).reduce(0) { $0 + $1 % 3 + 1 })
        #expect(counts.last == [0])
    }
}

/// Who ran, counted under a lock.
final class Counts: Sendable {
    private let state = Mutex<(total: Int, last: Set<Int>)>((0, []))

    func add(worker: Int, of count: Int) {
        state.withLock { state in
            state.total += 1
            if worker == 0 { state.last = [] }
            if count == 1 { state.last.insert(worker) }
        }
    }

    var total: Int { state.withLock { $0.total } }
    var last: Set<Int> { state.withLock { $0.last } }
}
