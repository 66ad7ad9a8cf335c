/// Which pixels one output of a convolution or of a pool reads.
package struct Window: Hashable, Sendable {
    /// Rows of the kernel.
    package var height: Int
    /// Columns of the kernel.
    package var width: Int
    /// Step between outputs, in rows and in columns.
    package var stride: Int
    /// Step between the kernel's own rows and columns; 1 is a kernel without gaps.
    package var dilation: Int
    package var padding: Padding

    package init(height: Int, width: Int, stride: Int = 1, dilation: Int = 1, padding: Padding = Padding(0)) {
        self.height = height
        self.width = width
        self.stride = stride
        self.dilation = dilation
        self.padding = padding
    }

    /// A square kernel with the same padding on all sides.
    package init(kernel: Int, stride: Int = 1, padding: Int = 0) {
        self.init(height: kernel, width: kernel, stride: stride, padding: Padding(padding))
    }

    /// Pixels of a kernel.
    package var taps: Int { height * width }
    /// Rows from the first to the last of the kernel.
    package var spanHeight: Int { (height - 1) * dilation + 1 }
    /// Columns from the first to the last of the kernel.
    package var spanWidth: Int { (width - 1) * dilation + 1 }
    /// Whether an output is one pixel, and every pixel has an output.
    package var isPointwise: Bool { self == Window(kernel: 1) }

    /// Rows and columns of the kernel, step and padding of a square window without gaps; nil for any other.
    package var square: (kernel: Int, stride: Int, padding: Int)? {
        height == width && dilation == 1 && padding.isUniform ? (height, stride, padding.top) : nil
    }

    /// Row of the input that row `row` of the kernel reads for output row `y`; may lie outside.
    package func inputRow(_ y: Int, _ row: Int) -> Int { y * stride + row * dilation - padding.top }
    /// Column of the input that column `column` of the kernel reads for output column `x`; may lie outside.
    package func inputColumn(_ x: Int, _ column: Int) -> Int { x * stride + column * dilation - padding.left }
}

/// Rows and columns that are thought around a picture.
package struct Padding: Hashable, Sendable {
    package var top: Int
    package var left: Int
    package var bottom: Int
    package var right: Int

    package init(top: Int, left: Int, bottom: Int, right: Int) {
        (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
    }

    /// The same on all sides.
    package init(_ all: Int) { self.init(top: all, left: all, bottom: all, right: all) }

    package var isUniform: Bool { top == left && left == bottom && bottom == right }
    package var isEmpty: Bool { self == Padding(0) }
}
