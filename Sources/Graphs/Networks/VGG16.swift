extension Architecture {
    /// VGG16 (arXiv 1409.1556), configuration D.
    package static let vgg16 = Architecture(
        name: "vgg16", title: "VGG16",
        paper: PaperFigures(parameters: 138.4, computation: 15618, top1: 71, cpuMs: 265, photos: .imageNet)
    ) { a throws(GraphError) in
        var index = 0
        for (repeats, channels) in [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)] {
            for _ in 0..<repeats {
                try a.convolution("features.\(index)", channels, Window(kernel: 3, padding: 1), hasBias: true)
                try a.relu("features.\(index + 1)")
                index += 2
            }
            try a.append("features.\(index)", .pool(Pool(.maximum, Window(kernel: 2, stride: 2))))
            index += 1
        }
        // Dense layers on a picture are convolutions as large as it.
        try a.convolution("classifier.0", 4096, Window(kernel: a.extent), hasBias: true)
        try a.relu("classifier.1")
        try a.convolution("classifier.3", 4096, Window(kernel: 1), hasBias: true)
        try a.relu("classifier.4")
        try a.append("classifier.6", .dense(outputs: a.classes))
    }
}
