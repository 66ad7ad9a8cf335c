/// Extent of one activation tensor in NHWC order; the batch is always one. A vector is 1 x 1 x channels.
package struct Shape: Hashable, Sendable {
    /// Rows, at least 1.
    package let height: Int
    /// Columns, at least 1.
    package let width: Int
    /// Channels, at least 1.
    package let channels: Int

    /// Traps unless every extent is at least 1: shapes read from a file are validated before they get here.
    package init(height: Int, width: Int, channels: Int) {
        precondition(height > 0 && width > 0 && channels > 0, "a tensor has no empty axis")
        self.height = height
        self.width = width
        self.channels = channels
    }

    /// A vector, as the output of a global pool or of a dense layer.
    package init(channels: Int) {
        self.init(height: 1, width: 1, channels: channels)
    }

    /// Pixels in one channel.
    package var pixels: Int { height * width }

    /// Elements in all.
    package var count: Int { height * width * channels }
}

extension Shape: CustomStringConvertible {
    package var description: String { "\(height)x\(width)x\(channels)" }
}
