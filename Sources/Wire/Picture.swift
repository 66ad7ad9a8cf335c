import FoundationEssentials

/// What the network was shown, as a JPEG: the answer to `picture`.
public struct Picture: Hashable, Sendable {
    /// The camera's frame count, as in the result of the same frame.
    public var frame: UInt64
    /// When the frame was captured, in nanoseconds of CLOCK_MONOTONIC.
    public var monotonicNs: UInt64
    /// Pixels.
    public var width: Int
    /// Pixels.
    public var height: Int
    /// The JPEG's bytes; at most `Picture.mostBytes`, so that the reply fits into a line.
    public var jpeg: [UInt8]

    public init(frame: UInt64, monotonicNs: UInt64, width: Int, height: Int, jpeg: [UInt8]) {
        self.frame = frame
        self.monotonicNs = monotonicNs
        self.width = width
        self.height = height
        self.jpeg = jpeg
    }

    /// 64,000 characters of base64; 1,536 bytes of the line are left for the rest.
    package static let mostBytes = 48_000
}

extension Picture {
    /// As in the reply that brings it.
    package func write(to line: inout JSONLine) {
        line.beginObject()
        line.key("frame")
        line.integer(frame)
        line.key("mono_ns")
        line.integer(monotonicNs)
        line.key("width")
        line.integer(width)
        line.key("height")
        line.integer(height)
        line.key("jpeg")
        line.string(Data(jpeg).base64EncodedString())
        line.endObject()
    }
}

extension Picture: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        let text: String = try fields.required("jpeg")
        guard let jpeg = Data(base64Encoded: text) else {
            throw DecodingError.dataCorruptedError(forKey: "jpeg", in: fields, debugDescription: "not base64")
        }
        self.init(
            frame: try fields.required("frame"), monotonicNs: try fields.optional("mono_ns") ?? 0,
            width: try fields.required("width"), height: try fields.required("height"), jpeg: Array(jpeg))
    }
}
