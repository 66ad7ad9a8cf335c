/// Why a picture cannot become the network's input. The picture is to blame, never the machine: bad data (exit code 65).
package struct ImagingError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// Not a JPEG at all, damaged, or cut short.
        case corrupt
        /// More pixels than are accepted (16384 a side, 64 Mpixel; less where it comes in several scans).
        case tooLarge
        /// A kind of picture that is not decoded: CMYK, 12 bits, lossless.
        case unsupported
        /// Fewer bytes than width, height, stride and format call for, or an empty or odd size.
        case badGeometry
    }
    package let code: Code
    /// The cause, in one line, without the picture's name.
    package let message: String
    /// What the picture is called where it comes from.
    package let name: String?

    package init(_ code: Code, _ message: String, name: String? = nil) {
        self.code = code
        self.message = message
        self.name = name
    }
}

extension ImagingError: CustomStringConvertible {
    package var description: String {
        let remedy =
            switch code {
            case .corrupt: "give a whole JPEG file"
            case .tooLarge: "make it smaller first"
            case .unsupported: "convert it to an RGB JPEG first"
            case .badGeometry: "check the source's width, height and format"
            }
        return "\(name ?? "frame"): \(message) (\(remedy))"
    }
}
