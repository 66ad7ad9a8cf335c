extension NetworkTable {
    /// MobileNetV1 (arXiv 1704.04861): depthwise separable convolutions throughout.
    package static let mobileNetV1 = NetworkTable(
        name: "mobilenet_v1", title: "MobileNetV1", hasSkips: false,
        paper: PaperFigures(parameters: 3.31, computation: 491.3, top1: 78.9, cpuMs: 17.3, photos: .imageNet100),
        rows: [
            .separable(c: 64, n: 1, s: 1),
            .separable(c: 128, n: 2, s: 2),
            .separable(c: 256, n: 2, s: 2),
            .separable(c: 512, n: 6, s: 2),
            .separable(c: 1024, n: 2, s: 2),
        ])
}
