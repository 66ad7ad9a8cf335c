extension NetworkTable {
    /// Simplified MobileNetV2: fewer and earlier narrowed blocks, and a last projection that is not a bottleneck.
    package static let smV2 = NetworkTable(
        name: "sm_v2", title: "SM_V2",
        paper: PaperFigures(parameters: 1.54, computation: 155.3, top1: 79.5, cpuMs: 10.2, photos: .imageNet100),
        rows: [
            .bottleneck(t: 1, c: 16, n: 1, s: 1),
            .bottleneck(t: 4, c: 16, n: 2, s: 2),
            .bottleneck(t: 8, c: 32, n: 2, s: 2),
            .bottleneck(t: 8, c: 64, n: 2, s: 2),
            .bottleneck(t: 8, c: 128, n: 1, s: 2),
            .activated(t: 8, c: 1024),
        ])
}
