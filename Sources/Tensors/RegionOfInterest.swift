/// The part of a camera's picture that counts; what lies outside is not looked at. Of the configuration, not of a model.
package struct RegionOfInterest: Hashable, Sendable, CustomStringConvertible {
    /// Left edge, top edge, width, height: shares of the picture when `isRelative`, else whole pixels.
    package let x: Double
    package let y: Double
    package let width: Double
    package let height: Double
    package let isRelative: Bool

    /// Fewer pixels a side show nothing.
    package static let leastPixels = 8.0

    /// Reads `x,y,width,height`: fractions when all four are at most 1, else whole pixels. Nil for anything else, and for fractions
    /// that leave the picture.
    package init?(parsing text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in Double(part.filter { $0 != " " }) }
        guard parts.count == 4, numbers.count == 4, numbers.allSatisfy({ (0...16384).contains($0) }), numbers[2] > 0,
            numbers[3] > 0
        else { return nil }
        isRelative = numbers.allSatisfy { $0 <= 1 }
        if isRelative {
            guard numbers[0] + numbers[2] <= 1.000_000_1, numbers[1] + numbers[3] <= 1.000_000_1 else { return nil }
        } else {
            guard numbers.allSatisfy({ $0 == $0.rounded() }), numbers[2] >= RegionOfInterest.leastPixels,
                numbers[3] >= RegionOfInterest.leastPixels
            else { return nil }
        }
        (x, y, width, height) = (numbers[0], numbers[1], numbers[2], numbers[3])
    }

    /// As it is written in a configuration.
    package var description: String {
        [x, y, width, height].map { isRelative ? "\($0)" : "\(Int($0))" }.joined(separator: ",")
    }

    /// In pixels of a picture of this size; edges may fall between pixels. Nil when it does not lie inside.
    package func rectangle(width pictureWidth: Int, height pictureHeight: Int) -> Rectangle? {
        let (wide, high) = (Double(pictureWidth), Double(pictureHeight))
        var rectangle = Rectangle(x: x, y: y, width: width, height: height)
        if isRelative {
            rectangle = Rectangle(x: x * wide, y: y * high, width: width * wide, height: height * high)
            // The sum of two fractions may round to just above 1.
            rectangle.width = min(rectangle.width, wide - rectangle.x)
            rectangle.height = min(rectangle.height, high - rectangle.y)
        }
        guard rectangle.x + rectangle.width <= wide, rectangle.y + rectangle.height <= high,
            rectangle.width >= RegionOfInterest.leastPixels, rectangle.height >= RegionOfInterest.leastPixels
        else { return nil }
        return rectangle
    }
}

/// In pixels; edges may fall between pixels.
package struct Rectangle: Hashable, Sendable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    package init(x: Double, y: Double, width: Double, height: Double) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }
}
