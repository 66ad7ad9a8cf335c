/// Calibration pictures, prepared by the very preprocessing that ships: RGB bytes of the size of the network's input,
/// [height][width][3]. They are asked for by number, several times, from several threads, so that nobody has to hold them
/// all in memory.
package struct PictureSet: Sendable {
    package let count: Int
    private let picture: @Sendable (Int) throws -> [UInt8]

    /// - Parameter picture: yields the same bytes for the same number every time; called from several threads at once.
    package init(count: Int, picture: @escaping @Sendable (Int) throws -> [UInt8]) {
        self.count = count
        self.picture = picture
    }

    /// Pictures that are in memory.
    package init(_ pictures: [[UInt8]]) {
        self.init(count: pictures.count) { pictures[$0] }
    }

    /// - Parameter size: bytes that the picture must have.
    func pixels(_ index: Int, size: Int) throws(QuantizationError) -> [UInt8] {
        let pixels: [UInt8]
        do { pixels = try picture(index) } catch {
            throw QuantizationError(code: .noInput, message: "calibration picture \(index): \(error)")
        }
        guard pixels.count == size else {
            let message = "calibration picture \(index): has \(pixels.count) bytes; the network reads \(size)"
            throw QuantizationError(code: .noInput, message: message)
        }
        return pixels
    }

    /// Up to `limit` of the numbers, spread evenly over the set.
    func spread(_ limit: Int) -> [Int] { PictureSet.spread(limit, over: Array(0..<count)) }

    /// Up to `limit` of some numbers, spread evenly.
    static func spread(_ limit: Int, over numbers: [Int]) -> [Int] {
        let taken = min(limit, numbers.count)
        return (0..<taken).map { numbers[$0 * numbers.count / taken] }
    }
}
