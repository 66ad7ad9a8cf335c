extension NetworkTable {
    /// SM_V2 with the second and third rows one and a half times as wide.
    package static let smV2From2Times15 = NetworkTable(
        name: "sm_v2_2_1_5", title: "SM_V2_2_1.5",
        paper: PaperFigures(parameters: 1.57, computation: 201.9, top1: 80.9, cpuMs: 12.1, photos: .imageNet100),
        rows: [
            .bottleneck(t: 1, c: 16, n: 1, s: 1),
            .bottleneck(t: 4, c: 24, n: 2, s: 2),
            .bottleneck(t: 8, c: 48, n: 2, s: 2),
            .bottleneck(t: 8, c: 64, n: 2, s: 2),
            .bottleneck(t: 8, c: 128, n: 1, s: 2),
            .activated(t: 8, c: 1024),
        ])
}
