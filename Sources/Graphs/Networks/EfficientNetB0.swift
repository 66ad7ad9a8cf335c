import Tensors

extension Architecture {
    /// EfficientNet-B0 (arXiv 1905.11946).
    package static let efficientNetB0 = efficientNet(
        "efficientnet_b0", "EfficientNet-B0",
        PaperFigures(parameters: 4.020_358, computation: nil, top1: 88.66, photos: .imageNet10), [])
    /// Seed 002: copies of channels in the place of the expansion.
    package static let efficientNetB0Duplicate = efficientNet(
        "efficientnet_b0_dup", "EfficientNet-B0, duplicate",
        PaperFigures(parameters: 3.104_134, computation: nil, top1: 88.79, photos: .imageNet10),
        .duplicate)
    /// Seed 002: a maximum over groups of channels in the place of the projection.
    package static let efficientNetB0MaxPool = efficientNet(
        "efficientnet_b0_max", "EfficientNet-B0, max-pooling",
        PaperFigures(parameters: 3.114_374, computation: nil, top1: 89.25, photos: .imageNet10),
        .maximum)
    /// Seed 002: both.
    package static let efficientNetB0Both = efficientNet(
        "efficientnet_b0_dup_max", "EfficientNet-B0, duplicate max-pooling",
        PaperFigures(parameters: 2.198_150, computation: nil, top1: 89.35, photos: .imageNet10), [.duplicate, .maximum])

    private static func efficientNet(
        _ name: String, _ title: String, _ paper: PaperFigures, _ reduction: Reduction
    ) -> Architecture {
        Architecture(name: name, title: title, paper: paper, classes: 10) { a throws(GraphError) in
            try a.convolution("features.0.0", 32, Window(kernel: 3, stride: 2, padding: 1))
            try a.norm("features.0.1")
            try a.append("features.0.2", .activation(.swish))
            // t, c, n, s, k
            let stages = [
                (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5),
                (6, 192, 4, 2, 5), (6, 320, 1, 1, 3),
            ]
            for (stage, (t, c, n, s, k)) in stages.enumerated() {
                for block in 0..<n {
                    try a.mobileBlock(
                        "features.\(stage + 1).\(block)", t: t, c: c, s: block == 0 ? s : 1, k: k, reduction)
                }
            }
            try a.convolution("features.8.0", 1280, Window(kernel: 1))
            try a.norm("features.8.1")
            try a.append("features.8.2", .activation(.swish))
            try a.classifier("classifier.1")
        }
    }
}

/// What seed 002 replaces in every block whose input and output have as many channels.
private struct Reduction: OptionSet {
    let rawValue: Int
    static let duplicate = Reduction(rawValue: 1)
    static let maximum = Reduction(rawValue: 2)
}

extension Assembler {
    /// Expansion by t, depthwise k x k, squeeze and excitation to a quarter of the input's channels, projection to c.
    fileprivate mutating func mobileBlock(
        _ name: String, t: Int, c: Int, s: Int, k: Int, _ reduction: Reduction
    ) throws(GraphError) {
        let (input, inputs) = (last, channels)
        let reduction: Reduction = inputs == c && t > 1 ? reduction : []
        var layer = 0
        if t > 1 {
            if reduction.contains(.duplicate) {
                try append("\(name).duplicate", .select(.repeated(copies: t)))
            } else {
                try convolution("\(name).block.0.0", inputs * t, Window(kernel: 1))
                try norm("\(name).block.0.1")
                try append("\(name).block.0.2", .activation(.swish))
            }
            layer = 1
        }
        try convolution(
            "\(name).block.\(layer).0", channels, Window(kernel: k, stride: s, padding: k / 2), groups: nil)
        try norm("\(name).block.\(layer).1")
        try append("\(name).block.\(layer).2", .activation(.swish))
        try squeeze(
            "\(name).block.\(layer + 1)", max(1, inputs / 4), inner: .activation(.swish), gate: .sigmoid)
        if reduction.contains(.maximum) {
            try append("\(name).maximum", .groupMaximum(size: t))
        } else {
            try convolution("\(name).block.\(layer + 2).0", c, Window(kernel: 1))
            try norm("\(name).block.\(layer + 2).1")
        }
        if s == 1 && inputs == c { try append("\(name).add", .add(other: input)) }
    }
}
