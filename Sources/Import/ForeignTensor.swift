/// A constant of a foreign graph: floats, or whole numbers such as shapes.
struct ForeignTensor: Sendable {
    enum Elements: Sendable {
        case floats([Float])
        case integers([Int])
    }

    var shape: [Int]
    var elements: Elements
    /// Whether whole numbers are bytes without sign, as the zero points of many files are.
    var isUnsignedByte = false
    /// Where the floats are weights that the file holds as bytes.
    var quantized: QuantizedConstant?

    init(shape: [Int], elements: Elements) { (self.shape, self.elements) = (shape, elements) }

    var count: Int {
        switch elements {
        case .floats(let values): values.count
        case .integers(let values): values.count
        }
    }

    var floats: [Float] {
        switch elements {
        case .floats(let values): values
        case .integers(let values): values.map { Float($0) }
        }
    }

    /// Whole numbers; nil for floats.
    var integers: [Int]? {
        if case .integers(let values) = elements { return values }
        return nil
    }

    /// The one element of a scalar, or of a tensor that holds one.
    var scalar: Float? { count == 1 ? floats[0] : nil }

    /// One value a channel: the tensor's elements when it has one extent of `channels` among ones, in the channel's
    /// place of a [N, C, H, W] tensor; a scalar counts for all.
    func perChannel(_ channels: Int) -> [Float]? {
        if let scalar { return [Float](repeating: scalar, count: channels) }
        guard count == channels else { return nil }
        let extents = [Int](repeating: 1, count: max(0, 4 - shape.count)) + shape
        guard extents.count == 4, extents[1] == channels else {
            // A vector added to [N, C].
            return shape == [channels] || shape == [1, channels] ? floats : nil
        }
        return floats
    }
}
