import Foundation
import Graphs
import Kernels
import Quantization
import Testing

@testable import Planning

@Suite struct PlanDrawingTests {
    private static func plan(_ name: String) throws -> Plan {
        let architecture = try #require(NetworkCatalog.architecture(named: name))
        let graph = try architecture.graph(classes: 5, extent: 32)
        let model = try SyntheticModel.quantized(SyntheticModel.float(graph, classes: 5))
        return try Planner.plan(model.graph, for: .detected)
    }

    @Test func `Every tensor that a step writes is in the drawing once`() throws {
        let plan = try PlanDrawingTests.plan("shufflenet_v2")
        let drawing = PlanDrawing(plan)
        let written = Set(plan.steps.compactMap(\.destination)).union(plan.steps.compactMap(\.panel))
        #expect(Set(drawing.tensors.map(\.place)) == written)
        #expect(drawing.tensors.count == written.count)
    }

    @Test func `The map has a line a step, with a capital wherever the step writes`() throws {
        let plan = try PlanDrawingTests.plan("shufflenet_v2")
        let map = PlanDrawing(plan).map(columns: 40)
        #expect(map.count == plan.steps.count && map.allSatisfy { $0.count == 40 })
        for (step, line) in zip(plan.steps, map) where step.destination != nil {
            #expect(line.contains { $0.isUppercase }, "\(step.name): \(line)")
        }
    }

    @Test func `The picture names every step and tells its parts apart`() throws {
        let plan = try PlanDrawingTests.plan("efficientnet_b0_dup_max")
        let svg = PlanDrawing(plan).svg()
        #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
        for (index, step) in plan.steps.enumerated() { #expect(svg.contains("step \(index): \(step.name);")) }
        #expect(plan.steps.map(\.method).contains("6 copies of each channel"))
        #expect(plan.steps.map(\.method).contains("maximum of 6 channels"))
        #expect(plan.steps.allSatisfy { !$0.method.isEmpty && !$0.method.contains("__") })
    }
}
