import Testing

@testable import Graphs

/// Exact counts for 100 classes, and the rounded figures that the papers and the architecture give.
struct NetworkCountsTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let parameters: Int
        let macs: Int
        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "sm_v2", parameters: 1_538_372, macs: 164_203_008),
        Row(name: "sm_v2_2_2", parameters: 1_663_428, macs: 281_564_672),
        Row(name: "sm_v2_3_2", parameters: 2_046_148, macs: 299_251_712),
        Row(name: "sm_v2_2_1_5", parameters: 1_592_708, macs: 214_052_864),
        Row(name: "sm_v2_x2nr", parameters: 3_656_644, macs: 427_652_096),
        Row(name: "mobilenet_v1", parameters: 3_309_476, macs: 567_818_752),
        Row(name: "mobilenet_v2", parameters: 2_351_972, macs: 299_622_272),
    ]

    @Test("A network has exactly the parameters and MACs of its table", arguments: rows)
    func exactCounts(row: Row) throws {
        let counts = try #require(NetworkCatalog.table(named: row.name)).counts()
        #expect(counts == NetworkCounts(parameters: row.parameters, macs: row.macs))
    }

    @Test("Every network in the catalogue is counted here")
    func everyNetworkIsCounted() {
        #expect(NetworkCountsTests.rows.map(\.name) == NetworkCatalog.names)
    }

    @Test("Rounded counts are those of the architecture")
    func roundedCounts() throws {
        let expected: [(String, Double, Double)] = [
            ("sm_v2", 1.538, 164.2), ("sm_v2_2_2", 1.663, 281.6), ("sm_v2_3_2", 2.046, 299.3),
            ("sm_v2_2_1_5", 1.593, 214.1), ("sm_v2_x2nr", 3.657, 427.7), ("mobilenet_v2", 2.352, 299.6),
        ]
        for (name, parameters, macs) in expected {
            let counts = try #require(NetworkCatalog.table(named: name)).counts()
            #expect(abs(Double(counts.parameters) / 1e6 - parameters) < 0.0005, "\(name)")
            #expect(abs(Double(counts.macs) / 1e6 - macs) < 0.05, "\(name)")
        }
        let v1 = try NetworkTable.mobileNetV1.counts()
        #expect(abs(Double(v1.parameters) / 1e6 - 3.31) < 0.005)
        #expect(abs(Double(v1.macs) / 1e6 - 568) < 0.5)
    }

    @Test("The paper's parameters of the base network match ours, which pins the reading of its last row")
    func paperMatches() throws {
        let paper = try #require(NetworkTable.smV2.paper)
        let counts = try NetworkTable.smV2.counts()
        #expect(abs(Double(counts.parameters) / 1e6 - paper.parameters) < 0.005)
    }

    @Test("A width multiplier of a half shrinks MobileNetV1 as its paper says: 1.3 M parameters, 149 M MACs")
    func widthMultiplier() throws {
        let graph = try NetworkTable.mobileNetV1.graph(classes: 1000, alpha: 0.5)
        #expect(abs(Double(try graph.parameterCount()) / 1e6 - 1.3) < 0.05)
        #expect(abs(Double(try graph.macs()) / 1e6 - 149) < 1)
    }

    @Test("A resolution of 160 shrinks MobileNetV1 as its paper says: 290 M MACs")
    func resolutionMultiplier() throws {
        let graph = try NetworkTable.mobileNetV1.graph(classes: 1000, height: 160, width: 160)
        #expect(abs(Double(try graph.macs()) / 1e6 - 290) < 1)
    }
}
