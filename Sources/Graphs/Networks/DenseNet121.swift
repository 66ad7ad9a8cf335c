import Tensors

extension Architecture {
    /// DenseNet-121 (arXiv 1608.06993): every layer reads all values of its block.
    package static let denseNet121 = Architecture(
        name: "densenet121", title: "DenseNet-121",
        paper: PaperFigures(parameters: 7.98, computation: 2843, top1: 75, cpuMs: 70.8, photos: .imageNet)
    ) { a throws(GraphError) in
        try a.convolution("features.conv0", 64, Window(kernel: 7, stride: 2, padding: 3))
        try a.norm("features.norm0")
        try a.relu("features.relu0")
        try a.append("features.pool0", .pool(Pool(.maximum, Window(kernel: 3, stride: 2, padding: 1))))
        for (block, layers) in [6, 12, 24, 16].enumerated() {
            var values = [a.last]
            for layer in 0..<layers {
                let name = "features.denseblock\(block + 1).denselayer\(layer + 1)"
                try a.join("\(name).concat", values)
                try a.activated("\(name).norm1", "\(name).conv1", 128, Window(kernel: 1))
                try a.activated("\(name).norm2", "\(name).conv2", 32, Window(kernel: 3, padding: 1))
                values.append(a.last)
            }
            try a.join("features.denseblock\(block + 1).concat", values)
            guard block < 3 else { continue }
            let name = "features.transition\(block + 1)"
            try a.activated("\(name).norm", "\(name).conv", a.channels / 2, Window(kernel: 1))
            try a.append("\(name).pool", .pool(Pool(.average, Window(kernel: 2, stride: 2))))
        }
        try a.norm("features.norm5")
        try a.relu("features.relu5")
        try a.classifier("classifier")
    }
}

extension Assembler {
    fileprivate mutating func join(_ name: String, _ values: [Int]) throws(GraphError) {
        last = values[0]
        if values.count > 1 { try append(name, .concat(others: Array(values.dropFirst()))) }
    }

    /// Normalisation and ReLU come before the convolution.
    fileprivate mutating func activated(
        _ norm: String, _ convolution: String, _ outputs: Int, _ window: Window
    ) throws(GraphError) {
        try self.norm(norm)
        try relu("\(norm).relu")
        try self.convolution(convolution, outputs, window)
    }
}
