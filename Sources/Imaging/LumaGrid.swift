/// A picture as a few thousand brightnesses: what the motion test compares.
package struct LumaGrid: Hashable, Sendable {
    /// Cells.
    package private(set) var width = 0
    package private(set) var height = 0
    /// [height][width] mean luma of a cell, 0 to 255.
    package private(set) var cells: [UInt8] = []

    package init() {}

    package init(width: Int, height: Int, cells: [UInt8]) {
        precondition(cells.count == width * height)
        (self.width, self.height, self.cells) = (width, height, cells)
    }

    /// Keeps the storage.
    mutating func resize(width: Int, height: Int) {
        (self.width, self.height) = (width, height)
        if cells.count != width * height { cells = [UInt8](repeating: 0, count: width * height) }
    }

    mutating func withRow(_ row: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Void) {
        let start = row * width
        unsafe cells.withUnsafeMutableBufferPointer { cells in
            if let base = cells.baseAddress { unsafe body(base + start) }
        }
    }
}
