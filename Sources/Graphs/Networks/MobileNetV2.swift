extension NetworkTable {
    /// MobileNetV2 (arXiv 1801.04381): inverted residuals with linear bottlenecks.
    package static let mobileNetV2 = NetworkTable(
        name: "mobilenet_v2", title: "MobileNetV2",
        paper: PaperFigures(parameters: 2.35, computation: 368.5, top1: 80.3, cpuMs: 14.6, photos: .imageNet100),
        rows: [
            .bottleneck(t: 1, c: 16, n: 1, s: 1),
            .bottleneck(t: 6, c: 24, n: 2, s: 2),
            .bottleneck(t: 6, c: 32, n: 3, s: 2),
            .bottleneck(t: 6, c: 64, n: 4, s: 2),
            .bottleneck(t: 6, c: 96, n: 3, s: 1),
            .bottleneck(t: 6, c: 160, n: 3, s: 2),
            .bottleneck(t: 6, c: 320, n: 1, s: 1),
            .pointwise(c: 1280),
        ])
}
