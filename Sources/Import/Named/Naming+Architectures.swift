import Graphs

// The other networks. Our nodes are named as torchvision or timm name their modules, so most rules are short.

extension Naming {
    static func of(_ architecture: Architecture) -> [Naming] {
        switch architecture.name {
        case "shufflenet_v2":
            [
                same("torchvision"),
                Naming(
                    library: "training/", normalization: .training, modules: { trainingShuffle($0) },
                    adapt: { clampedAtSix($0) }),
            ]
        case "efficientnet_b0": [same("torchvision"), renaming("timm") { timmEfficient($0) }]
        case "vgg16":
            [
                same("torchvision"),
                renaming("timm") { name in
                    ["classifier.0": "pre_logits.fc1", "classifier.3": "pre_logits.fc2", "classifier.6": "head.fc"][
                        name]
                        ?? name
                },
            ]
        case "inception_v3": [renaming("torchvision and timm", .symmetric) { inception($0) }]
        case "senet154":
            [same("timm's legacy_senet154"), renaming("timm", adapt: { paddedPool($0) }) { timmSENet($0) }]
        case "densenet121":
            [
                same("torchvision and timm"),
                // As torchvision named them before its version 0.3; files with these names are still about.
                renaming("torchvision, old names") { name in
                    guard name.contains(".denselayer"), let digit = name.last, digit.isNumber else { return name }
                    return "\(name.dropLast()).\(digit)"
                },
            ]
        case "xception": [renaming("timm", .symmetric) { timmXception($0) }]
        case "resnet101": [same("torchvision and timm")]
        default: [same("torchvision")]
        }
    }

    // MARK: ShuffleNetV2

    /// `blocks.N.path.I.conv` with one number for all stages.
    private static func trainingShuffle(_ graph: Graph) -> [String: String] {
        let first = ["stage2": 0, "stage3": 4, "stage4": 12]
        // Layers within a branch: convolution and normalisation are neighbours, a ReLU may follow.
        let layers = [
            "branch1": ["0": "0.conv", "1": "0.bn", "2": "1.conv", "3": "1.bn"],
            "branch2": ["0": "0.conv", "1": "0.bn", "3": "1.conv", "4": "1.bn", "5": "2.conv", "6": "2.bn"],
        ]
        var modules = [
            "conv1.0": "stem.0.conv", "conv1.1": "stem.0.bn", "conv5.0": "head.conv", "conv5.1": "head.bn",
            "fc": "classifier",
        ]
        for node in graph.nodes {
            let parts = node.name.split(separator: ".").map { String($0) }
            guard parts.count == 4, let start = first[parts[0]], let unit = Int(parts[1]),
                let layer = layers[parts[2]]?[parts[3]]
            else { continue }
            modules[node.name] = "blocks.\(start + unit).\(parts[2] == "branch1" ? "bypass" : "path").\(layer)"
        }
        return modules
    }

    /// Its training uses ReLU6 throughout.
    private static func clampedAtSix(_ graph: Graph) -> Graph {
        var graph = graph
        for index in graph.nodes.indices where graph.nodes[index].operation == .clamp(.relu) {
            graph.nodes[index].operation = .clamp(.relu6)
        }
        return graph
    }

    // MARK: EfficientNet

    /// `features.S.B.block.L.K` is `blocks.S-1.B` with a name for each layer.
    private static func timmEfficient(_ name: String) -> String {
        let top = [
            "features.0.0": "conv_stem", "features.0.1": "bn1", "features.8.0": "conv_head", "features.8.1": "bn2",
            "classifier.1": "classifier",
        ]
        let parts = name.split(separator: ".").map { String($0) }
        guard parts.count == 6, parts[3] == "block", let stage = Int(parts[1]), let layer = Int(parts[4]) else {
            return top[name] ?? name
        }
        // The first stage has no expansion.
        let names: [[String: String]] = [
            ["0": "conv_pw", "1": "bn1"], ["0": "conv_dw", "1": stage == 1 ? "bn1" : "bn2"],
            ["fc1": "se.conv_reduce", "fc2": "se.conv_expand"],
            ["0": stage == 1 ? "conv_pw" : "conv_pwl", "1": stage == 1 ? "bn2" : "bn3"],
        ]
        let place = layer + (stage == 1 ? 1 : 0)
        guard names.indices.contains(place), let own = names[place][parts[5]] else { return name }
        return "blocks.\(stage - 1).\(parts[2]).\(own)"
    }

    // MARK: Inception v3

    /// Our branches are numbered; theirs are named after their windows.
    private static func inception(_ name: String) -> String {
        var parts = name.split(separator: ".").map { String($0) }
        guard parts.count == 3, parts[0].hasPrefix("Mixed_") else { return name }
        let layer = parts[1].split(separator: "_").last.map { String($0) } ?? ""
        let branch = String(parts[1].dropLast(layer.count + 1))
        let names: [String: String]
        switch parts[0] {
        case "Mixed_5b", "Mixed_5c", "Mixed_5d": names = ["branch1": "branch5x5", "branch2": "branch3x3dbl"]
        case "Mixed_6a":
            names = ["branch1": "branch3x3dbl"]
            if branch == "branch0" { parts[1] = "branch3x3" }
        case "Mixed_7a": names = ["branch0": "branch3x3", "branch1": "branch7x7x3"]
        case "Mixed_7b", "Mixed_7c":
            // Single layers of the widest blocks carry no number there.
            let single = ["branch1x1", "branch3x3_2a", "branch3x3_2b", "branch3x3dbl_3a", "branch3x3dbl_3b"]
            if single.contains(branch) { parts[1] = branch }
            return parts.joined(separator: ".")
        default: names = ["branch1": "branch7x7", "branch2": "branch7x7dbl"]
        }
        if let own = names[branch] {
            parts[1] = "\(own)_\(layer)"
        } else if branch == "branch0", parts[0] != "Mixed_6a" {
            parts[1] = "branch1x1"
        }
        return parts.joined(separator: ".")
    }

    // MARK: SENet-154

    private static func timmSENet(_ name: String) -> String {
        let stem = [
            "layer0.conv1": "conv1.0", "layer0.bn1": "conv1.1", "layer0.conv2": "conv1.3", "layer0.bn2": "conv1.4",
            "layer0.conv3": "conv1.6", "layer0.bn3": "bn1", "last_linear": "fc",
        ]
        return stem[name] ?? name.replacing(".se_module.", with: ".se.")
    }

    /// Its first pool pads on all sides; the paper's code rounds up instead.
    private static func paddedPool(_ graph: Graph) -> Graph {
        var graph = graph
        for index in graph.nodes.indices where graph.nodes[index].name == "layer0.pool" {
            graph.nodes[index].operation = .pool(Pool(.maximum, Window(kernel: 3, stride: 2, padding: 1)))
        }
        return graph
    }

    // MARK: Xception

    /// `blockN.sepI.conv1` is `blockN.rep.K.conv1`; the first block does not begin with a ReLU.
    private static func timmXception(_ name: String) -> String {
        var parts = name.split(separator: ".").map { String($0) }
        guard parts.count >= 2, parts[0].hasPrefix("block") else { return name }
        let shift = parts[0] == "block1" ? 0 : 1
        if parts[1].hasPrefix("sep"), let index = Int(parts[1].dropFirst(3)) {
            parts[1] = "rep.\(3 * index + shift)"
        } else if parts[1].hasPrefix("norm"), let index = Int(parts[1].dropFirst(4)) {
            parts[1] = "rep.\(3 * index + shift + 1)"
        }
        return parts.joined(separator: ".")
    }
}
