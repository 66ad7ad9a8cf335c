import Graphs
import Kernels
import Planning
import Quantization
import Testing

/// AMX tiles clock a core down, so only a network that is nearly all wide pointwise layers uses them.
@Suite struct TilePolicyTests {
    private static let all = CPUFeatures(mask: "amx-int8") ?? []

    private func plan(_ table: NetworkTable) throws -> Plan {
        try Planner.plan(SyntheticModel.quantized(table, extent: 64).graph, for: TilePolicyTests.all)
    }

    @Test func `MobileNetV1 is planned with tiles where the CPU has them`() throws {
        #expect(try plan(.mobileNetV1).features.contains(.amxInt8))
    }

    @Test func `SM_V2 leaves them alone`() throws {
        let features = try plan(.smV2).features
        #expect(!features.contains(.amxInt8))
        #expect(features.contains(.avx512VNNI))
    }
}
