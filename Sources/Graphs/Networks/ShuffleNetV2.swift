import Tensors

extension Architecture {
    /// ShuffleNetV2 1.0x (arXiv 1807.11164): units on half of the channels, and a shuffle.
    package static let shuffleNetV2 = Architecture(
        name: "shufflenet_v2", title: "ShuffleNetV2",
        paper: PaperFigures(parameters: 2.3, computation: 146, top1: 76.4, cpuMs: 7.3, photos: .imageNet100)
    ) { a throws(GraphError) in
        try a.convolution("conv1.0", 24, Window(kernel: 3, stride: 2, padding: 1))
        try a.norm("conv1.1")
        try a.relu("conv1.2")
        try a.append("maxpool", .pool(Pool(.maximum, Window(kernel: 3, stride: 2, padding: 1))))
        for (stage, channels, repeats) in [(2, 116, 4), (3, 232, 8), (4, 464, 4)] {
            for unit in 0..<repeats {
                try a.shuffleUnit("stage\(stage).\(unit)", channels: channels, stride: unit == 0 ? 2 : 1)
            }
        }
        try a.convolution("conv5.0", 1024, Window(kernel: 1))
        try a.norm("conv5.1")
        try a.relu("conv5.2")
        try a.classifier("fc")
    }
}

extension Assembler {
    /// Stride 2 sends all channels through both branches, stride 1 keeps half of them.
    fileprivate mutating func shuffleUnit(_ name: String, channels: Int, stride: Int) throws(GraphError) {
        let (input, half) = (last, channels / 2)
        let left: Int
        if stride == 1 {
            try append("\(name).left", .select(.range(first: 0, count: half)))
            left = last
            last = input
            try append("\(name).right", .select(.range(first: half, count: half)))
        } else {
            try convolution(
                "\(name).branch1.0", self.channels, Window(kernel: 3, stride: 2, padding: 1), groups: nil)
            try norm("\(name).branch1.1")
            try convolution("\(name).branch1.2", half, Window(kernel: 1))
            try norm("\(name).branch1.3")
            try relu("\(name).branch1.4")
            left = last
            last = input
        }
        try convolution("\(name).branch2.0", half, Window(kernel: 1))
        try norm("\(name).branch2.1")
        try relu("\(name).branch2.2")
        try convolution("\(name).branch2.3", half, Window(kernel: 3, stride: stride, padding: 1), groups: nil)
        try norm("\(name).branch2.4")
        try convolution("\(name).branch2.5", half, Window(kernel: 1))
        try norm("\(name).branch2.6")
        try relu("\(name).branch2.7")
        let right = last
        last = left
        try append("\(name).concat", .concat(others: [right]))
        try append("\(name).shuffle", .select(.shuffle(groups: 2)))
    }
}
