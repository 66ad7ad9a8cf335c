/// The `--source` string, parsed and not yet opened.
package enum SourceSpecification: Hashable, Sendable {
    /// A camera.
    case v4l2(CameraSelector)
    /// All JPEG files of a folder, by path.
    case images(folder: String)
    /// Concatenated JPEGs; "-" is standard input.
    case mjpeg(file: String)
    /// YUV4MPEG2; "-" is standard input.
    case y4m(file: String)
    /// Pictures drawn by the program itself. While the file exists they behave like a camera that is unplugged.
    case scene(unpluggedBy: String?)

    package enum CameraSelector: Hashable, Sendable {
        case device(path: String)
        /// The first node that can capture.
        case automatic
        /// By USB ids (four hex digits each, lower case) and, where several are alike, serial number.
        case usb(vendor: String, product: String, serial: String?)
    }

    /// Throws `usage` with the accepted forms when the string is none of them.
    package init(parsing text: String) throws(CaptureError) {
        guard let colon = text.firstIndex(of: ":") else {
            throw SourceSpecification.unknown(text, text.hasPrefix("/dev/") ? "did you mean v4l2:\(text)?" : nil)
        }
        let rest = String(text[text.index(after: colon)...])
        func needed(_ what: String) throws(CaptureError) -> String {
            if rest.isEmpty { throw CaptureError(.usage, source: text, "a \(what) is missing after the colon") }
            return rest
        }
        switch text[..<colon] {
        case "images": self = .images(folder: try needed("folder"))
        case "mjpeg": self = .mjpeg(file: try needed("file, or - for standard input,"))
        case "y4m": self = .y4m(file: try needed("file, or - for standard input,"))
        case "scene":
            let key = "unplugged-by="
            guard rest.isEmpty || (rest.hasPrefix(key) && rest.count > key.count) else {
                throw CaptureError(.usage, source: text, "scene: takes nothing after the colon, or \(key)FILE")
            }
            self = .scene(unpluggedBy: rest.isEmpty ? nil : String(rest.dropFirst(key.count)))
        case "v4l2": self = .v4l2(try SourceSpecification.camera(try needed("device"), text))
        default: throw SourceSpecification.unknown(text, nil)
        }
    }

    private static func unknown(_ text: String, _ hint: String?) -> CaptureError {
        CaptureError(
            .usage, source: text.isEmpty ? "--source" : text,
            hint ?? "no such source; use v4l2:/dev/video0, v4l2:auto, v4l2:usb=VID:PID[:SERIAL], images:DIR, "
                + "mjpeg:FILE|-, y4m:FILE|- or scene:")
    }

    private static func camera(_ rest: String, _ text: String) throws(CaptureError) -> CameraSelector {
        if rest == "auto" { return .automatic }
        if rest.hasPrefix("/") { return .device(path: rest) }
        guard rest.hasPrefix("usb=") else {
            throw CaptureError(.usage, source: text, "after v4l2: comes a path, auto or usb=VID:PID[:SERIAL]")
        }
        let fields = rest.dropFirst(4).split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        func isID(_ field: Substring) -> Bool {
            field.utf8.count == 4 && field.allSatisfy { $0.isASCII && $0.isHexDigit }
        }
        guard fields.count >= 2, isID(fields[0]), isID(fields[1]), fields.count == 2 || !fields[2].isEmpty else {
            throw CaptureError(
                .usage, source: text, "USB ids are four hex digits each, as lsusb shows them: usb=046d:0825[:SERIAL]")
        }
        return .usb(
            vendor: fields[0].lowercased(), product: fields[1].lowercased(),
            serial: fields.count == 3 ? String(fields[2]) : nil)
    }
}

extension SourceSpecification: CustomStringConvertible {
    /// The string that parses to this.
    package var description: String {
        switch self {
        case .v4l2(.device(let path)): "v4l2:\(path)"
        case .v4l2(.automatic): "v4l2:auto"
        case .v4l2(.usb(let vendor, let product, let serial)):
            "v4l2:usb=\(vendor):\(product)" + (serial.map { ":\($0)" } ?? "")
        case .images(let folder): "images:\(folder)"
        case .mjpeg(let file): "mjpeg:\(file)"
        case .y4m(let file): "y4m:\(file)"
        case .scene(let file): "scene:" + (file.map { "unplugged-by=\($0)" } ?? "")
        }
    }
}
