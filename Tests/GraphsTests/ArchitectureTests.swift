import Tensors
import Testing

@testable import Graphs

/// Exact counts, as torchvision's and timm's own modules have them, and the figures of the papers.
struct ArchitectureTests {
    static let parameters: [(name: String, count: Int)] = [
        ("shufflenet_v2", 2_278_604), ("efficientnet_b0", 4_020_358), ("efficientnet_b0_dup", 3_104_134),
        ("efficientnet_b0_max", 3_114_374), ("efficientnet_b0_dup_max", 2_198_150), ("vgg16", 138_357_544),
        ("inception_v3", 23_834_568), ("resnet101", 44_549_160), ("senet154", 115_088_984),
        ("densenet121", 7_978_856), ("xception", 22_855_952),
    ]

    @Test("A network has exactly its parameters", arguments: parameters)
    func exactCounts(name: String, count: Int) throws {
        let architecture = try #require(NetworkCatalog.architecture(named: name))
        #expect(try architecture.counts().parameters == count)
    }

    @Test("Every network is counted here")
    func everyNetworkIsCounted() {
        #expect(ArchitectureTests.parameters.map(\.name) == NetworkCatalog.architectures.map(\.name))
    }

    @Test(
        "Parameters agree with the papers to within one per cent", arguments: NetworkCatalog.architectures.map(\.name))
    func papersAgree(name: String) throws {
        let architecture = try #require(NetworkCatalog.architecture(named: name))
        let paper = try #require(architecture.paper)
        let own = Double(try architecture.counts().parameters) / 1e6
        #expect(abs(own / paper.parameters - 1) < 0.01, "\(own) M")
    }

    @Test("A float file of the second version holds an architecture, and the same comes back")
    func filesHoldArchitectures() throws {
        var graph = try Architecture.shuffleNetV2.graph(classes: 3, extent: 32)
        for spec in try graph.parameterSpecs() {
            graph.parameters[spec.name] = [Float](repeating: 0.5, count: spec.count)
        }
        let model = FloatModel(
            graph: graph, preprocessing: .init(width: 32, height: 32, cropFraction: 1, std: 64),
            labels: ["a", "b", "c"])
        var read = try FloatModel(parsing: try model.encoded())
        read.sha256 = ""
        #expect(read == model)
    }
}
