import ArgumentParser
import Capture
import Daemon
import Tensors

struct InspectCamera: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "camera",
        abstract: "The cameras here: names, formats, sizes, rates, and which one would be taken and why.",
        discussion: """
            Examples:
              tarsier inspect camera
              tarsier inspect camera usb=046d:0825 --json
            Status 0 when a camera can be used, 66 when there is none, 69 when none of those here can.
            """)

    @Argument(help: "A path, usb=VID:PID[:SERIAL] or auto; every camera when left out.")
    var device: String?

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        var selector: SourceSpecification.CameraSelector?
        if let device {
            do throws(CaptureError) {
                if case .v4l2(let given) = try SourceSpecification(parsing: "v4l2:\(device)") { selector = given }
            } catch {
                throw Failure(error)
            }
        }
        let survey = CameraSurvey(selector)
        if json { try Terminal.json(Description(survey)) } else { print(survey) }
        if survey.chosen == nil {
            throw Failure(survey.nodes.isEmpty ? .noInput : .unavailable, "\(survey.selector): \(survey.reason)")
        }
    }

    private func print(_ survey: CameraSurvey) {
        for node in survey.nodes {
            let words = node.capability.map { "\($0.card), \($0.driver), \($0.bus)" } ?? "cannot be opened"
            Terminal.line("\(node.path)  \(words)")
            for name in node.names { Terminal.line("  also      \(name)") }
            for format in node.formats where !format.isEmulated {
                let use = format.format == nil ? " (not used)" : ""
                let sizes = format.sizes.map { size in
                    let rate = size.framesPerSecond.max().map { " at \($0.text(0))" } ?? ""
                    return "\(size.isLargestOfRange ? "up to " : "")\(size.width)x\(size.height)\(rate)"
                }
                Terminal.line("  \(format.fourcc.padded(10))\(sizes.joined(separator: ", "))\(use)")
            }
            let converted = node.formats.filter(\.isEmulated).map(\.fourcc)
            if !converted.isEmpty { Terminal.line("  converted \(converted.joined(separator: ", ")) (by libv4l2)") }
            if let objection = node.objection { Terminal.line("  not used  \(objection)") }
        }
        if let chosen = survey.chosen { Terminal.line("\(survey.selector) takes \(chosen): \(survey.reason)") }
    }

    private struct Description: Encodable {
        struct Size: Encodable {
            let width: Int
            let height: Int
            let isLargestOfRange: Bool
            let rates: [Double]
        }
        struct Format: Encodable {
            let fourcc: String
            let name: String?
            let converted: Bool
            let sizes: [Size]
        }
        struct Camera: Encodable {
            let path: String
            let names: [String]
            let card: String?
            let driver: String?
            let bus: String?
            let usable: Bool
            let objection: String?
            let formats: [Format]
        }
        let selector: String
        let chosen: String?
        let reason: String
        let cameras: [Camera]

        init(_ survey: CameraSurvey) {
            selector = "\(survey.selector)"
            chosen = survey.chosen
            reason = survey.reason
            cameras = survey.nodes.map { node in
                Camera(
                    path: node.path, names: node.names, card: node.capability?.card, driver: node.capability?.driver,
                    bus: node.capability?.bus, usable: node.objection == nil, objection: node.objection,
                    formats: node.formats.map { format in
                        Format(
                            fourcc: format.fourcc, name: format.format?.rawValue, converted: format.isEmulated,
                            sizes: format.sizes.map {
                                Size(
                                    width: $0.width, height: $0.height, isLargestOfRange: $0.isLargestOfRange,
                                    rates: $0.framesPerSecond)
                            })
                    })
            }
        }
    }
}
