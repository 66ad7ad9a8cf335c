/// Shapes of SM_V2 at 224 x 224, layer by layer: what is verified at reduced rows and benched.
enum SMV2Shapes {
    struct Pointwise: Sendable {
        let name: String
        let extent: Int
        let inputs: Int
        let channels: Int
        var hasSkip = false
    }

    struct Depthwise: Sendable {
        let name: String
        /// Rows and columns of the input.
        let extent: Int
        let channels: Int
        let stride: Int
    }

    static let expansions: [Pointwise] = [
        Pointwise(name: "b1.expand", extent: 112, inputs: 16, channels: 64),
        Pointwise(name: "b2.expand", extent: 56, inputs: 16, channels: 64),
        Pointwise(name: "b3.expand", extent: 56, inputs: 16, channels: 128),
        Pointwise(name: "b4.expand", extent: 28, inputs: 32, channels: 256),
        Pointwise(name: "b5.expand", extent: 28, inputs: 32, channels: 256),
        Pointwise(name: "b6.expand", extent: 14, inputs: 64, channels: 512),
        Pointwise(name: "b7.expand", extent: 14, inputs: 64, channels: 512),
        Pointwise(name: "b8.expand", extent: 7, inputs: 128, channels: 1024),
    ]

    static let depthwise: [Depthwise] = [
        Depthwise(name: "b0.depthwise", extent: 112, channels: 32, stride: 1),
        Depthwise(name: "b1.depthwise", extent: 112, channels: 64, stride: 2),
        Depthwise(name: "b2.depthwise", extent: 56, channels: 64, stride: 1),
        Depthwise(name: "b3.depthwise", extent: 56, channels: 128, stride: 2),
        Depthwise(name: "b4.depthwise", extent: 28, channels: 256, stride: 1),
        Depthwise(name: "b5.depthwise", extent: 28, channels: 256, stride: 2),
        Depthwise(name: "b6.depthwise", extent: 14, channels: 512, stride: 1),
        Depthwise(name: "b7.depthwise", extent: 14, channels: 512, stride: 2),
        Depthwise(name: "b8.depthwise", extent: 7, channels: 1024, stride: 1),
    ]

    static let projections: [Pointwise] = [
        Pointwise(name: "b0.project", extent: 112, inputs: 32, channels: 16),
        Pointwise(name: "b1.project", extent: 56, inputs: 64, channels: 16),
        Pointwise(name: "b2.project", extent: 56, inputs: 64, channels: 16, hasSkip: true),
        Pointwise(name: "b3.project", extent: 28, inputs: 128, channels: 32),
        Pointwise(name: "b4.project", extent: 28, inputs: 256, channels: 32, hasSkip: true),
        Pointwise(name: "b5.project", extent: 14, inputs: 256, channels: 64),
        Pointwise(name: "b6.project", extent: 14, inputs: 512, channels: 64, hasSkip: true),
        Pointwise(name: "b7.project", extent: 7, inputs: 512, channels: 128),
        Pointwise(name: "b8.project", extent: 7, inputs: 1024, channels: 1024),
    ]

    static let stem = (name: "stem", extent: 224, channels: 32)
    static let pool = (name: "pool", extent: 7, channels: 1024)
    static let dense = (name: "classify", inputs: 1024, channels: 100)
}

/// Extents around the tiles of 4, 8, 12 and 16 that kernels are built from, and far from all of them.
enum AwkwardExtents {
    static let widths = [1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 16, 17, 23, 24, 25, 33]
    static let channels = [1, 3, 4, 5, 8, 12, 15, 16, 17, 24, 31, 32, 33, 47, 48, 64, 65]
    static let inputs = [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 31, 32, 33, 64, 68, 127]
}
