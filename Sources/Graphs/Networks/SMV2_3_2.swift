extension NetworkTable {
    /// SM_V2 with the third and fourth rows twice as wide.
    package static let smV2From3Times2 = NetworkTable(
        name: "sm_v2_3_2", title: "SM_V2_3_2",
        paper: PaperFigures(parameters: 1.77, computation: 231.3, top1: 80.8, cpuMs: 13.1, photos: .imageNet100),
        rows: [
            .bottleneck(t: 1, c: 16, n: 1, s: 1),
            .bottleneck(t: 4, c: 16, n: 2, s: 2),
            .bottleneck(t: 8, c: 64, n: 2, s: 2),
            .bottleneck(t: 8, c: 128, n: 2, s: 2),
            .bottleneck(t: 8, c: 128, n: 1, s: 2),
            .activated(t: 8, c: 1024),
        ])
}
