/// A network in the terms of its paper: a stem, rows of blocks (t, c, n, s: expansion, channels, repeats, first
/// stride), a classifier. `graph` turns it into nodes.
package struct NetworkTable: Sendable {
    /// As in files and on the command line, such as `sm_v2`.
    package let name: String
    /// As in its paper, such as `SM_V2`.
    package let title: String
    /// Channels of the first convolution, 3x3 with stride 2.
    package let stem: Int
    package let rows: [Row]
    /// Whether a block adds its input to its output where stride is 1 and the channels match.
    package let hasSkips: Bool
    /// What the paper of the SM networks says of it; nil for a network it does not list.
    package let paper: PaperFigures?

    package enum Row: Sendable {
        /// n inverted residual blocks: 1x1 expansion by t (none when t is 1), 3x3 depthwise, linear 1x1 projection to c.
        case bottleneck(t: Int, c: Int, n: Int, s: Int)
        /// An inverted residual block whose projection is activated and that has no skip.
        case activated(t: Int, c: Int)
        /// n pairs of 3x3 depthwise and 1x1 to c, both activated, no skip.
        case separable(c: Int, n: Int, s: Int)
        /// An activated 1x1 convolution. Its width does not shrink with a width multiplier below 1.
        case pointwise(c: Int)
    }

    init(
        name: String, title: String, stem: Int = 32, hasSkips: Bool = true, paper: PaperFigures? = nil, rows: [Row]
    ) {
        self.name = name
        self.title = title
        self.stem = stem
        self.rows = rows
        self.hasSkips = hasSkips
        self.paper = paper
    }
}

/// Figures as printed in the papers among the seeds: of the SM networks (tables 2 to 4), of duplicate max-pooling (tables
/// 1 and 2), of MobileNets (arXiv 1704.04861, tables 6 and 7).
package struct PaperFigures: Hashable, Sendable {
    /// What an accuracy was measured on.
    package enum Photos: String, Sendable {
        case imageNet = "ImageNet"
        case imageNet100 = "ImageNet100"
        case imageNet10 = "ImageNet10"
    }

    /// Millions.
    package let parameters: Double
    /// The paper's column "Comp.", millions, where it has one. It follows no standard count: see `NetworkCatalog.note`.
    package let computation: Double?
    /// Per cent.
    package let top1: Double?
    /// An inference on the paper's CPU, milliseconds.
    package let cpuMs: Double?
    package let photos: Photos?

    package init(
        parameters: Double, computation: Double?, top1: Double? = nil, cpuMs: Double? = nil, photos: Photos? = nil
    ) {
        self.parameters = parameters
        self.computation = computation
        self.top1 = top1
        self.cpuMs = cpuMs
        self.photos = photos
    }
}

/// Our counts for one network.
package struct NetworkCounts: Hashable, Sendable {
    /// Trained parameters; batch normalisation counts 2 per channel.
    package let parameters: Int
    /// Multiply-accumulates of convolutions and dense layers for one picture.
    package let macs: Int
}

extension NetworkTable {
    /// Counts for a number of classes; the papers use 100.
    package func counts(classes: Int = 100) throws(GraphError) -> NetworkCounts {
        let graph = try graph(classes: classes)
        return NetworkCounts(parameters: try graph.parameterCount(), macs: try graph.macs())
    }
}
