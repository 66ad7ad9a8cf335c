import Glibc
import LinuxIO
package import Tensors

/// The camera nodes of this machine, what each offers, and which one `v4l2:auto` (or another selector) takes and why.
/// Opens every node for a moment, sets nothing and streams nothing.
package struct CameraSurvey: Sendable {
    package struct Node: Sendable {
        package let path: String
        /// Stable names below /dev/v4l, and the `usb=` form where there is one; any of them can be given to `--source`.
        package let names: [String]
        package let capability: CameraCapability?
        package let formats: [Format]
        /// Nil when it can be used; else why not, and the remedy.
        package let objection: String?
    }

    package struct Format: Sendable {
        package let fourcc: String
        /// Nil when Tarsier cannot read it.
        package let format: PixelFormat?
        package let isEmulated: Bool
        package let sizes: [CameraSize]
    }

    package let selector: SourceSpecification
    package let nodes: [Node]
    /// Path of the node that would be taken.
    package let chosen: String?
    /// Why it, or why none.
    package let reason: String

    /// - Parameter selector: which cameras are meant; nil looks at all and chooses as `auto` does.
    package init(_ selector: SourceSpecification.CameraSelector? = nil, format: PixelFormat? = nil) {
        let finder = CameraFinder()
        self.selector = .v4l2(selector ?? .automatic)
        let candidates: [String]
        do throws(CaptureError) { candidates = try finder.candidates(selector ?? .automatic) } catch {
            (nodes, chosen, reason) = ([], nil, error.message)
            return
        }
        var nodes: [Node] = []
        for path in candidates { nodes.append(CameraSurvey.look(at: path, finder, only: format)) }
        self.nodes = nodes
        let usable = nodes.first { $0.objection == nil }
        chosen = usable?.path
        if let usable {
            let first = usable.formats.first { $0.format != nil && !$0.isEmulated }?.format?.rawValue
            let wish = CameraSurvey.wish(usable, only: format)?.rawValue ?? first ?? "none"
            let before = nodes.prefix { $0.path != usable.path }.count
            let place = before == 0 ? "the first node" : "the first of \(nodes.count) nodes that can be used"
            reason = "\(place); asks for \(wish)"
        } else {
            reason = nodes.first?.objection ?? "no camera here"
        }
    }

    private static func wish(_ node: Node, only: PixelFormat?) -> PixelFormat? {
        let offered = node.formats.compactMap { format in
            format.format.map { CameraFormat(fourcc: $0.fourcc, isEmulated: format.isEmulated) }
        }
        return CameraSource.wishes(offered, only: only).first?.format
    }

    private static func look(at path: String, _ finder: CameraFinder, only: PixelFormat?) -> Node {
        var capability: CameraCapability?
        var formats: [Format] = []
        var objection: String?
        do throws(SystemError) {
            let device = try LibV4L2Device(path: path)
            let found = try device.capability()
            capability = found
            guard found.canCapture, found.canStream else {
                throw SystemError(call: "VIDIOC_QUERYCAP", errno: ENOTSUP)
            }
            let offered = try device.formats()
            formats = offered.map { entry in
                Format(
                    fourcc: name(entry.fourcc), format: PixelFormat(fourcc: entry.fourcc),
                    isEmulated: entry.isEmulated, sizes: entry.isEmulated ? [] : device.sizes(of: entry.fourcc))
            }
            if CameraSource.wishes(offered, only: only).isEmpty {
                let isRaw = offered.allSatisfy { $0.isEmulated || BayerFormat.contains($0.fourcc) }
                throw SystemError(call: isRaw ? BayerFormat.call : "VIDIOC_S_FMT", errno: ENOTSUP)
            }
        } catch {
            objection = CameraSource.explain(error, path).message
        }
        return Node(
            path: path, names: finder.names(of: path), capability: capability, formats: formats, objection: objection)
    }

    /// The four characters of a code; others than printable ones as a dot.
    private static func name(_ fourcc: UInt32) -> String {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: fourcc >> (8 * $0)) }
        return String(decoding: bytes.map { (0x21...0x7E).contains($0) ? $0 : 0x2E }, as: UTF8.self)
    }
}
