extension NetworkTable {
    /// SM_V2 with the second and third rows twice as wide.
    package static let smV2From2Times2 = NetworkTable(
        name: "sm_v2_2_2", title: "SM_V2_2_2",
        paper: PaperFigures(parameters: 1.60, computation: 231.7, top1: 81.1, cpuMs: 13.4, photos: .imageNet100),
        rows: [
            .bottleneck(t: 1, c: 16, n: 1, s: 1),
            .bottleneck(t: 4, c: 32, n: 2, s: 2),
            .bottleneck(t: 8, c: 64, n: 2, s: 2),
            .bottleneck(t: 8, c: 64, n: 2, s: 2),
            .bottleneck(t: 8, c: 128, n: 1, s: 2),
            .activated(t: 8, c: 1024),
        ])
}
