import Tensors

extension Architecture {
    /// ResNet-101 (arXiv 1512.03385), with the stride in the 3x3 layer.
    package static let resNet101 = Architecture(
        name: "resnet101", title: "ResNet-101",
        paper: PaperFigures(parameters: 44.6, computation: 7623, top1: 76, cpuMs: 148, photos: .imageNet)
    ) { a throws(GraphError) in
        try a.convolution("conv1", 64, Window(kernel: 7, stride: 2, padding: 3))
        try a.norm("bn1")
        try a.relu("relu")
        try a.append("maxpool", .pool(Pool(.maximum, Window(kernel: 3, stride: 2, padding: 1))))
        for (stage, (width, repeats)) in [(64, 3), (128, 4), (256, 23), (512, 3)].enumerated() {
            for block in 0..<repeats {
                try a.residual(
                    "layer\(stage + 1).\(block)", width: width, stride: block == 0 && stage > 0 ? 2 : 1)
            }
        }
        try a.classifier("fc")
    }
}

extension Assembler {
    /// 1x1 to `width`, 3x3, 1x1 to four times `width`; the input is added, through a 1x1 layer where it has another shape.
    fileprivate mutating func residual(_ name: String, width: Int, stride: Int) throws(GraphError) {
        let (input, outputs) = (last, 4 * width)
        try convolution("\(name).conv1", width, Window(kernel: 1))
        try norm("\(name).bn1")
        try relu("\(name).relu1")
        try convolution("\(name).conv2", width, Window(kernel: 3, stride: stride, padding: 1))
        try norm("\(name).bn2")
        try relu("\(name).relu2")
        try convolution("\(name).conv3", outputs, Window(kernel: 1))
        try norm("\(name).bn3")
        var added = input
        if shapes[input].channels != outputs {
            added = last
            last = input
            try convolution("\(name).downsample.0", outputs, Window(kernel: 1, stride: stride))
            try norm("\(name).downsample.1")
        }
        try append("\(name).add", .add(other: added))
        try relu("\(name).relu3")
    }
}
