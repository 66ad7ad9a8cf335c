package import Tensors

/// Gives tensors with known lifetimes their places in one arena: the largest first, each at the lowest offset where no
/// tensor alive at the same time lies. Optimal packing is NP-hard; greedy by size comes within a few per cent on chains.
/// (After the greedy-by-size planner of TensorFlow Lite, arXiv 2001.03288, section 5.)
package struct ArenaPlanner {
    package struct Request: Hashable, Sendable {
        package let shape: Shape
        /// First and last step that touch the tensor.
        package let lifetime: ClosedRange<Int>

        package init(shape: Shape, lifetime: ClosedRange<Int>) {
            self.shape = shape
            self.lifetime = lifetime
        }
    }

    /// - Returns: one placement a request, in the requests' order, and the bytes of the arena.
    package static func place(_ requests: [Request]) -> (placements: [Placement], byteCount: Int) {
        let order = requests.indices.sorted { a, b in
            let sizes = (Placement.byteCount(of: requests[a].shape), Placement.byteCount(of: requests[b].shape))
            return sizes.0 == sizes.1 ? a < b : sizes.0 > sizes.1
        }
        var placed: [Placement?] = Array(repeating: nil, count: requests.count)
        for index in order {
            let request = requests[index]
            let size = Placement.byteCount(of: request.shape)
            let neighbours = placed.compactMap { $0 }.filter { $0.lifetime.overlaps(request.lifetime) }
                .sorted { $0.offset < $1.offset }
            var offset = 0
            for neighbour in neighbours where neighbour.offset < offset + size {
                offset = max(offset, neighbour.offset + neighbour.byteCount)
            }
            placed[index] = Placement(offset: offset, shape: request.shape, lifetime: request.lifetime)
        }
        let placements = placed.compactMap { $0 }
        return (placements, placements.map { $0.offset + $0.byteCount }.max() ?? 0)
    }

    /// The first two placements that are alive at the same time and share bytes, nil when all is well.
    package static func firstOverlap(_ placements: [Placement]) -> (Placement, Placement)? {
        for (index, a) in placements.enumerated() {
            for b in placements[(index + 1)...] where a.lifetime.overlaps(b.lifetime) {
                if a.offset < b.offset + b.byteCount && b.offset < a.offset + a.byteCount { return (a, b) }
            }
        }
        return nil
    }
}
