import Engine
import Graphs
import Kernels
import Planning
import Testing

/// What the shipped model takes up in the engine, and where its time goes.
@Suite struct FootprintTests {
    private let graph: QuantizedGraph

    init() throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        graph = try Model(readingFrom: root + "/models/sm_v2.int8.safetensors").graph
    }

    @Test func `The arena of the shipped model is at most 1 MiB under every CPU mask`() throws {
        for mask in CPUFeatures.distinctMasks {
            let session = try Session(plan: Planner.plan(graph, for: mask.features), maxThreads: 1)
            #expect(session.arenaBytes <= 1 << 20, "mask \(mask.name)")
            #expect(session.arenaBytes >= 224 * 224 * 3, "the picture alone is larger")
        }
    }

    @Test func `A bench of the steps explains the whole inference by its parts`() throws {
        let session = try Session(plan: Planner.plan(graph, for: .detected), maxThreads: 1)
        let bench = StepBench(session, threads: 1, runs: 5)
        #expect(bench.rows.map(\.step.name) == session.plan.steps.map(\.name))
        #expect(bench.rows.reduce(0) { $0 + $1.step.macs } == session.plan.macs)
        #expect(bench.rows.allSatisfy { 0 < $0.minimum && $0.minimum <= $0.median })
        let sum = bench.rows.reduce(0) { $0 + $1.median }
        #expect(bench.explained == Double(sum) / Double(bench.wholeMedian))
    }
}
