extension Architecture {
    /// Inception v3 (arXiv 1512.00567), 299 x 299, without the auxiliary classifier.
    package static let inceptionV3 = Architecture(
        name: "inception_v3", title: "Inception v3", extent: 299,
        paper: PaperFigures(parameters: 23.8, computation: 5749, top1: 78, cpuMs: 108, photos: .imageNet)
    ) { a throws(GraphError) in
        try a.basic("Conv2d_1a_3x3", 32, Window(kernel: 3, stride: 2))
        try a.basic("Conv2d_2a_3x3", 32, Window(kernel: 3))
        try a.basic("Conv2d_2b_3x3", 64, Window(kernel: 3, padding: 1))
        try a.append("maxpool1", .pool(Pool(.maximum, Window(kernel: 3, stride: 2))))
        try a.basic("Conv2d_3b_1x1", 80, Window(kernel: 1))
        try a.basic("Conv2d_4a_3x3", 192, Window(kernel: 3))
        try a.append("maxpool2", .pool(Pool(.maximum, Window(kernel: 3, stride: 2))))
        for (name, pooled) in [("Mixed_5b", 32), ("Mixed_5c", 64), ("Mixed_5d", 64)] {
            try a.branches(
                name,
                [
                    [(64, Window(kernel: 1))], [(48, Window(kernel: 1)), (64, Window(kernel: 5, padding: 2))],
                    [
                        (64, Window(kernel: 1)), (96, Window(kernel: 3, padding: 1)),
                        (96, Window(kernel: 3, padding: 1)),
                    ],
                ], pooled: pooled)
        }
        try a.reduction(
            "Mixed_6a",
            [
                [(384, Window(kernel: 3, stride: 2))],
                [
                    (64, Window(kernel: 1)), (96, Window(kernel: 3, padding: 1)), (96, Window(kernel: 3, stride: 2)),
                ],
            ])
        for (name, c) in [("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)] {
            try a.branches(
                name,
                [
                    [(192, Window(kernel: 1))], [(c, Window(kernel: 1)), (c, .row7), (192, .column7)],
                    [(c, Window(kernel: 1)), (c, .column7), (c, .row7), (c, .column7), (192, .row7)],
                ], pooled: 192)
        }
        try a.reduction(
            "Mixed_7a",
            [
                [(192, Window(kernel: 1)), (320, Window(kernel: 3, stride: 2))],
                [(192, Window(kernel: 1)), (192, .row7), (192, .column7), (192, Window(kernel: 3, stride: 2))],
            ])
        try a.wide("Mixed_7b")
        try a.wide("Mixed_7c")
        try a.classifier("fc")
    }
}

extension Window {
    fileprivate static let row7 = Window(
        height: 1, width: 7, padding: Padding(top: 0, left: 3, bottom: 0, right: 3))
    fileprivate static let column7 = Window(
        height: 7, width: 1, padding: Padding(top: 3, left: 0, bottom: 3, right: 0))
    fileprivate static let row3 = Window(
        height: 1, width: 3, padding: Padding(top: 0, left: 1, bottom: 0, right: 1))
    fileprivate static let column3 = Window(
        height: 3, width: 1, padding: Padding(top: 1, left: 0, bottom: 1, right: 0))
}

extension Assembler {
    /// Convolution, normalisation, ReLU.
    fileprivate mutating func basic(_ name: String, _ outputs: Int, _ window: Window) throws(GraphError) {
        try convolution("\(name).conv", outputs, window)
        try norm("\(name).bn", epsilon: 1e-3)
        try relu("\(name).relu")
    }

    /// One layer after the other; returns the last value.
    private mutating func chain(
        _ name: String, from input: Int, _ layers: [(Int, Window)]
    ) throws(GraphError) -> Int {
        last = input
        for (index, (outputs, window)) in layers.enumerated() { try basic("\(name)_\(index + 1)", outputs, window) }
        return last
    }

    private mutating func join(_ name: String, _ values: [Int]) throws(GraphError) {
        last = values[0]
        try append("\(name).concat", .concat(others: Array(values.dropFirst())))
    }

    /// Branches side by side, and one that averages first.
    fileprivate mutating func branches(
        _ name: String, _ branches: [[(Int, Window)]], pooled: Int
    ) throws(GraphError) {
        let input = last
        var values: [Int] = []
        for (index, layers) in branches.enumerated() {
            values.append(try chain("\(name).branch\(index)", from: input, layers))
        }
        last = input
        try append("\(name).pool", .pool(Pool(.average, Window(kernel: 3, padding: 1))))
        try basic("\(name).branch_pool", pooled, Window(kernel: 1))
        try join(name, values + [last])
    }

    /// Branches of stride 2, and a maximum.
    fileprivate mutating func reduction(_ name: String, _ branches: [[(Int, Window)]]) throws(GraphError) {
        let input = last
        var values: [Int] = []
        for (index, layers) in branches.enumerated() {
            values.append(try chain("\(name).branch\(index)", from: input, layers))
        }
        last = input
        try append("\(name).pool", .pool(Pool(.maximum, Window(kernel: 3, stride: 2))))
        try join(name, values + [last])
    }

    /// The widest blocks: branches that part into a row and a column.
    fileprivate mutating func wide(_ name: String) throws(GraphError) {
        let input = last
        let narrow = try chain("\(name).branch1x1", from: input, [(320, Window(kernel: 1))])
        let middle = try chain("\(name).branch3x3", from: input, [(384, Window(kernel: 1))])
        let row = try chain("\(name).branch3x3_2a", from: middle, [(384, .row3)])
        let column = try chain("\(name).branch3x3_2b", from: middle, [(384, .column3)])
        let double = try chain(
            "\(name).branch3x3dbl", from: input, [(448, Window(kernel: 1)), (384, Window(kernel: 3, padding: 1))])
        let doubleRow = try chain("\(name).branch3x3dbl_3a", from: double, [(384, .row3)])
        let doubleColumn = try chain("\(name).branch3x3dbl_3b", from: double, [(384, .column3)])
        last = input
        try append("\(name).pool", .pool(Pool(.average, Window(kernel: 3, padding: 1))))
        try basic("\(name).branch_pool", 192, Window(kernel: 1))
        try join(name, [narrow, row, column, doubleRow, doubleColumn, last])
    }
}
