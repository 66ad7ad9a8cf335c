import Tensors

extension Architecture {
    /// SENet-154 (arXiv 1709.01507): ResNeXt blocks of 64 groups with squeeze and excitation.
    package static let seNet154 = Architecture(
        name: "senet154", title: "SENet-154",
        paper: PaperFigures(parameters: 115.3, computation: 20915, top1: 80.6, cpuMs: 583, photos: .imageNet)
    ) { a throws(GraphError) in
        for (index, (channels, stride)) in [(64, 2), (64, 1), (128, 1)].enumerated() {
            try a.convolution("layer0.conv\(index + 1)", channels, Window(kernel: 3, stride: stride, padding: 1))
            try a.norm("layer0.bn\(index + 1)")
            try a.relu("layer0.relu\(index + 1)")
        }
        let window = Window(
            height: 3, width: 3, stride: 2, padding: Padding(top: 0, left: 0, bottom: 1, right: 1))
        try a.append("layer0.pool", .pool(Pool(.maximum, window)))
        for (stage, (planes, repeats)) in [(64, 3), (128, 8), (256, 36), (512, 3)].enumerated() {
            for block in 0..<repeats {
                try a.groupedResidual(
                    "layer\(stage + 1).\(block)", planes: planes, stride: block == 0 && stage > 0 ? 2 : 1)
            }
        }
        try a.classifier("last_linear")
    }
}

extension Assembler {
    fileprivate mutating func groupedResidual(_ name: String, planes: Int, stride: Int) throws(GraphError) {
        let (input, outputs) = (last, 4 * planes)
        try convolution("\(name).conv1", 2 * planes, Window(kernel: 1))
        try norm("\(name).bn1")
        try relu("\(name).relu1")
        try convolution("\(name).conv2", outputs, Window(kernel: 3, stride: stride, padding: 1), groups: 64)
        try norm("\(name).bn2")
        try relu("\(name).relu2")
        try convolution("\(name).conv3", outputs, Window(kernel: 1))
        try norm("\(name).bn3")
        try squeeze("\(name).se_module", outputs / 16, inner: .clamp(.relu), gate: .sigmoid)
        let value = last
        var added = input
        if shapes[input].channels != outputs {
            last = input
            let window = stride == 1 ? Window(kernel: 1) : Window(kernel: 3, stride: stride, padding: 1)
            try convolution("\(name).downsample.0", outputs, window)
            try norm("\(name).downsample.1")
            added = last
        }
        last = value
        try append("\(name).add", .add(other: added))
        try relu("\(name).relu3")
    }
}
