package import Imaging
import Tensors

/// Sends damaged JPEGs through the daemon's way from frame to network input and counts what becomes of each.
package struct DamageTrial: Sendable {
    /// Frames by kind of damage and by outcome: `decoded` where the damage does no harm that shows, or an error's code.
    package private(set) var counts: [JPEGDamage.Kind: [String: Int]] = [:]
    /// Frames that were refused and yet changed the input, or were none of the outcomes above: must stay 0.
    package private(set) var broken = 0

    package init() {}

    /// All frames that were tried.
    package var total: Int { counts.values.reduce(0) { $0 + $1.values.reduce(0, +) } }
    /// Of which were refused.
    package var refused: Int { total - counts.values.reduce(0) { $0 + $1["decoded", default: 0] } }

    /// - Parameter count: frames to try; kinds of damage take turns.
    package mutating func run(count: Int, seed: UInt64) throws(ImagingError) {
        let wholes = try DamageTrial.pictures()
        var damage = JPEGDamage(seed: seed)
        let preprocessing = Preprocessing(width: 224, height: 224, cropFraction: 0.9, std: 64)
        var preparer = try Preparer(preprocessing)
        var input = [UInt8](repeating: 0, count: 224 * 224 * 3)
        for number in 0..<count {
            let kind = JPEGDamage.Kind.allCases[number % JPEGDamage.Kind.allCases.count]
            let picture = wholes[number / 7 % wholes.count]
            var frame = Frame()
            // As a camera's: the size that was agreed on is known.
            (frame.format, frame.width, frame.height) = (.mjpeg, picture.width, picture.height)
            frame.bytes = damage.apply(kind, to: picture.bytes, other: wholes[number % wholes.count].bytes)
            let mark = UInt8(truncatingIfNeeded: number)
            input[0] = mark
            do throws(ImagingError) {
                var span = input.mutableSpan
                try preparer.prepare(frame, into: &span, rowStride: 224 * 3, origin: 0)
                counts[kind, default: [:]]["decoded", default: 0] += 1
            } catch {
                counts[kind, default: [:]]["\(error.code)", default: 0] += 1
                if input[0] != mark { broken += 1 }
            }
        }
    }

    /// Whole pictures of every sort that cameras send: colour at half and full size, grey, progressive.
    private static func pictures() throws(ImagingError) -> [(width: Int, height: Int, bytes: [UInt8])] {
        var list: [(width: Int, height: Int, bytes: [UInt8])] = []
        for (index, (width, height)) in [(320, 240), (640, 480), (250, 333), (1280, 720)].enumerated() {
            let pixels = (0..<(width * height * 3)).map { offset in
                UInt8(
                    truncatingIfNeeded: offset / 3 % width * 255 / width + (offset / 3 / width) % 37 * 3 + offset % 3
                        * 20)
            }
            var options = JPEGEncoder.Options()
            (options.isSubsampled, options.isGrey, options.isProgressive) = (index != 2, index == 3, index == 1)
            options.quality = 60 + 10 * index
            list.append((width, height, try JPEGEncoder.encode(pixels, width: width, height: height, options)))
        }
        return list
    }

    /// A line for each kind of damage.
    package var lines: [String] {
        JPEGDamage.Kind.allCases.compactMap { kind in
            guard let outcomes = counts[kind] else { return nil }
            let list = outcomes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
            return "\(kind.rawValue): \(list)"
        }
    }
}
