import Tensors

extension Architecture {
    /// Xception (arXiv 1610.02357), 299 x 299.
    package static let xception = Architecture(
        name: "xception", title: "Xception", extent: 299,
        paper: PaperFigures(parameters: 22.9, computation: 8386, top1: 78, cpuMs: 177, photos: .imageNet)
    ) { a throws(GraphError) in
        try a.convolution("conv1", 32, Window(kernel: 3, stride: 2))
        try a.norm("bn1")
        try a.relu("act1")
        try a.convolution("conv2", 64, Window(kernel: 3))
        try a.norm("bn2")
        try a.relu("act2")
        try a.xceptionBlock("block1", [128, 128], stride: 2, startsActivated: false)
        try a.xceptionBlock("block2", [256, 256], stride: 2)
        try a.xceptionBlock("block3", [728, 728], stride: 2)
        for block in 4...11 { try a.xceptionBlock("block\(block)", [728, 728, 728], stride: 1) }
        try a.xceptionBlock("block12", [728, 1024], stride: 2)
        try a.separable("conv3", norm: "bn3", 1536)
        try a.relu("act3")
        try a.separable("conv4", norm: "bn4", 2048)
        try a.relu("act4")
        try a.classifier("fc")
    }
}

extension Assembler {
    /// Depthwise 3x3 and pointwise, without anything between them.
    fileprivate mutating func separable(_ name: String, norm: String, _ outputs: Int) throws(GraphError) {
        try convolution("\(name).conv1", channels, Window(kernel: 3, padding: 1), groups: nil)
        try convolution("\(name).pointwise", outputs, Window(kernel: 1))
        try self.norm(norm)
    }

    fileprivate mutating func xceptionBlock(
        _ name: String, _ outputs: [Int], stride: Int, startsActivated: Bool = true
    ) throws(GraphError) {
        let input = last
        for (index, channels) in outputs.enumerated() {
            if index > 0 || startsActivated { try relu("\(name).relu\(index)") }
            try separable("\(name).sep\(index)", norm: "\(name).norm\(index)", channels)
        }
        if stride > 1 {
            try append("\(name).pool", .pool(Pool(.maximum, Window(kernel: 3, stride: stride, padding: 1))))
        }
        var added = input
        if stride > 1 {
            let value = last
            last = input
            try convolution("\(name).skip", outputs[outputs.count - 1], Window(kernel: 1, stride: stride))
            try norm("\(name).skipbn")
            added = value
        }
        try append("\(name).add", .add(other: added))
    }
}
