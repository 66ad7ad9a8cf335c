extension NetworkTable {
    /// SM_V2 with every row from the second to the fifth twice as wide, and no skips.
    package static let smV2Doubled = NetworkTable(
        name: "sm_v2_x2nr", title: "SM_V2_x2nr", hasSkips: false,
        paper: PaperFigures(parameters: 1.64, computation: 186.9, top1: 79.2, cpuMs: 10.9, photos: .imageNet100),
        rows: [
            .bottleneck(t: 1, c: 16, n: 1, s: 1),
            .bottleneck(t: 4, c: 32, n: 2, s: 2),
            .bottleneck(t: 8, c: 64, n: 2, s: 2),
            .bottleneck(t: 8, c: 128, n: 2, s: 2),
            .bottleneck(t: 8, c: 256, n: 1, s: 2),
            .activated(t: 8, c: 1024),
        ])
}
