package import Tensors

/// What a covered, blind or broken camera sends: flat colours, gradients, coarse noise, stripes. The same on every machine.
package enum PicturesOfNothing {
    /// - Returns: RGB [extent.height][extent.width][3] each, the four kinds in turn.
    package static func draw(_ count: Int, extent: Shape, seed: UInt64) -> [[UInt8]] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { index in
            switch index % 4 {
            case 0: flat(extent, &random)
            case 1: gradient(extent, &random)
            case 2: noise(extent, &random)
            default: stripes(extent, &random)
            }
        }
    }

    private static func colour(_ random: inout SplitMix64) -> [Int] { (0..<3).map { _ in Int(random.next() % 256) } }

    private static func paint(_ extent: Shape, _ value: (_ x: Int, _ y: Int, _ channel: Int) -> Int) -> [UInt8] {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(extent.pixels * 3)
        for y in 0..<extent.height {
            for x in 0..<extent.width { for c in 0..<3 { pixels.append(UInt8(clamping: value(x, y, c))) } }
        }
        return pixels
    }

    private static func flat(_ extent: Shape, _ random: inout SplitMix64) -> [UInt8] {
        let (tint, grain) = (colour(&random), Int(random.next() % 12) + 1)
        return paint(extent) { _, _, c in tint[c] + Int(random.next() % UInt64(grain)) }
    }

    private static func gradient(_ extent: Shape, _ random: inout SplitMix64) -> [UInt8] {
        let (first, second, across) = (colour(&random), colour(&random), Int(random.next() % 257))
        return paint(extent) { x, y, c in
            let share = x * across / extent.width + y * (256 - across) / extent.height
            return (first[c] * (256 - share) + second[c] * share) / 256
        }
    }

    private static func noise(_ extent: Shape, _ random: inout SplitMix64) -> [UInt8] {
        let cell = 1 << Int(random.next() % 6)
        let columns = (extent.width + cell - 1) / cell
        let cells = (0..<columns * ((extent.height + cell - 1) / cell) * 3).map { _ in Int(random.next() % 256) }
        return paint(extent) { x, y, c in cells[(y / cell * columns + x / cell) * 3 + c] }
    }

    private static func stripes(_ extent: Shape, _ random: inout SplitMix64) -> [UInt8] {
        let (first, second) = (colour(&random), colour(&random))
        let (width, slope) = (Int(random.next() % 40) + 2, Int(random.next() % 5))
        return paint(extent) { x, y, c in (x * slope + y * (4 - slope)) / 2 / width % 2 == 0 ? first[c] : second[c] }
    }
}
