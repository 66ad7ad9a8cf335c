import Graphs

// MobileNetV1, MobileNetV2 and SM_V2 in the names of torchvision, timm and `training/`.

extension Naming {
    static func of(_ table: NetworkTable) -> [Naming] {
        let own = same("training/", .training)
        switch table.name {
        case "mobilenet_v2":
            return [
                own, Naming(library: "torchvision") { graph in visionModules(graph) },
                Naming(library: "timm") { graph in timmModules(graph, table) },
            ]
        case "mobilenet_v1":
            return [own, Naming(library: "timm", normalization: .symmetric) { graph in timmModules(graph, table) }]
        default: return [own]
        }
    }

    /// `features.B.conv.0.0` and so on: layers of a block are numbered, the last one is no sequence of its own.
    private static func visionModules(_ graph: Graph) -> [String: String] {
        let names = Set(graph.nodes.map(\.name))
        let blocks = graph.nodes.count { $0.name.hasSuffix(".project.conv") }
        var modules: [String: String] = [:]
        for node in graph.nodes {
            let parts = node.name.split(separator: ".").map { String($0) }
            let kind = parts.last == "bn" ? 1 : 0
            switch parts[0] {
            case "stem": modules[node.name] = "features.0.\(kind)"
            case "head": modules[node.name] = "features.\(blocks + 1).\(kind)"
            case "classifier": modules[node.name] = "classifier.1"
            case "blocks" where parts.count == 4:
                let block = Int(parts[1]) ?? 0
                let expands = names.contains("blocks.\(block).expand.conv")
                let stem = "features.\(block + 1).conv"
                switch parts[2] {
                case "expand": modules[node.name] = "\(stem).0.\(kind)"
                case "depthwise": modules[node.name] = "\(stem).\(expands ? 1 : 0).\(kind)"
                default: modules[node.name] = "\(stem).\((expands ? 2 : 1) + kind)"
                }
            default: break
            }
        }
        return modules
    }

    /// `blocks.STAGE.REPEAT.conv_dw` and so on; normalisations are numbered within a block.
    private static func timmModules(_ graph: Graph, _ table: NetworkTable) -> [String: String] {
        var stages: [String] = []
        for (stage, row) in table.rows.enumerated() {
            switch row {
            case .bottleneck(_, _, let n, _), .separable(_, let n, _):
                stages += (0..<n).map { "blocks.\(stage).\($0)" }
            case .activated: stages.append("blocks.\(stage).0")
            case .pointwise: break
            }
        }
        let names = Set(graph.nodes.map(\.name))
        var modules: [String: String] = [:]
        for node in graph.nodes {
            let parts = node.name.split(separator: ".").map { String($0) }
            let isNorm = parts.last == "bn"
            switch parts[0] {
            case "stem": modules[node.name] = isNorm ? "bn1" : "conv_stem"
            case "head": modules[node.name] = isNorm ? "bn2" : "conv_head"
            case "classifier": modules[node.name] = "classifier"
            case "blocks" where parts.count == 4:
                let block = Int(parts[1]) ?? 0
                let expands = names.contains("blocks.\(block).expand.conv")
                let stem = stages[block]
                switch parts[2] {
                case "expand": modules[node.name] = "\(stem).\(isNorm ? "bn1" : "conv_pw")"
                case "depthwise": modules[node.name] = "\(stem).\(isNorm ? (expands ? "bn2" : "bn1") : "conv_dw")"
                default:
                    modules[node.name] =
                        "\(stem).\(isNorm ? (expands ? "bn3" : "bn2") : expands ? "conv_pwl" : "conv_pw")"
                }
            default: break
            }
        }
        return modules
    }
}
