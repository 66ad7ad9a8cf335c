/// One line of the list of networks: our counts beside the figures of the papers.
package struct CatalogRow: Sendable {
    /// Such as `mobilenet_v1`; with a multiplier, which is no name of its own, also that.
    package let name: String
    package let title: String
    /// Rows and columns of the input.
    package let extent: Int
    /// Number of logits that are counted.
    package let classes: Int
    package let counts: NetworkCounts
    package let paper: PaperFigures?
    /// Whether `--network` takes the name.
    package let isNamed: Bool
}

extension NetworkCatalog {
    /// Every network by name, then MobileNetV1 under its multipliers.
    package static func rows() throws(GraphError) -> [CatalogRow] {
        var rows: [CatalogRow] = []
        for table in all {
            rows.append(
                CatalogRow(
                    name: table.name, title: table.title, extent: 224, classes: 100, counts: try table.counts(),
                    paper: table.paper, isNamed: true))
        }
        for architecture in architectures {
            rows.append(
                CatalogRow(
                    name: architecture.name, title: architecture.title, extent: architecture.extent,
                    classes: architecture.classes, counts: try architecture.counts(), paper: architecture.paper,
                    isNamed: true))
        }
        for (alpha, extent, paper) in multipliers {
            let graph = try NetworkTable.mobileNetV1.graph(classes: 1000, alpha: alpha, height: extent, width: extent)
            rows.append(
                CatalogRow(
                    name: "mobilenet_v1 x\(alpha) @\(extent)", title: "MobileNetV1, width \(alpha), \(extent) pixels",
                    extent: extent, classes: 1000,
                    counts: NetworkCounts(parameters: try graph.parameterCount(), macs: try graph.macs()), paper: paper,
                    isNamed: false))
        }
        return rows
    }

    /// Width and resolution multipliers of MobileNets, tables 6 and 7 of arXiv 1704.04861.
    private static let multipliers: [(alpha: Double, extent: Int, paper: PaperFigures)] = [
        (1, 224, PaperFigures(parameters: 4.2, computation: 569, top1: 70.6, photos: .imageNet)),
        (0.75, 224, PaperFigures(parameters: 2.6, computation: 325, top1: 68.4, photos: .imageNet)),
        (0.5, 224, PaperFigures(parameters: 1.3, computation: 149, top1: 63.7, photos: .imageNet)),
        (0.25, 224, PaperFigures(parameters: 0.5, computation: 41, top1: 50.6, photos: .imageNet)),
        (1, 192, PaperFigures(parameters: 4.2, computation: 418, top1: 69.1, photos: .imageNet)),
        (1, 160, PaperFigures(parameters: 4.2, computation: 290, top1: 67.2, photos: .imageNet)),
        (1, 128, PaperFigures(parameters: 4.2, computation: 186, top1: 64.4, photos: .imageNet)),
    ]
}
