internal import Capture
internal import Tensors

extension Setting {
    /// What is asked of a camera; `docs/camera.md` explains how it is agreed on.
    static let camera: [Setting] = [
        Setting(
            "camera-size", .camera, form: "WxH", summary: "Size of the pictures that a camera is asked for.",
            details:
                "The driver gives the nearest it has. Larger is sharper in the middle of the network's input only up to "
                + "its own size, and costs more.",
            standard: "640x480", example: "1280x720",
            apply: { text, configuration throws(ValueError) in
                guard configuration.camera.setSize(text) else {
                    throw ValueError("must be two numbers from 16 to 16384 with an x between, such as 640x480")
                }
            }),
        Setting(
            "camera-rate", .camera, form: "FPS", summary: "Frames a second that a camera is asked for.",
            details: "The driver gives the nearest it has.", standard: "30", example: "10",
            apply: { text, configuration throws(ValueError) in
                guard let rate = Int(text), (1...1000).contains(rate) else {
                    throw ValueError("must be a whole number from 1 to 1000")
                }
                configuration.camera.framesPerSecond = rate
            }),
        Setting(
            "camera-format", .camera, form: "FORMAT",
            summary: "auto, or the one pixel format that a camera is asked for.",
            details: "auto takes the first on offer of \(formats). Others are converted by libv4l2 where it can.",
            standard: "auto", example: "yuyv", completion: .words(["auto"] + PixelFormat.allCases.map(\.rawValue)),
            apply: { text, configuration throws(ValueError) in
                let format = PixelFormat(rawValue: text)
                guard text == "auto" || format != nil else { throw ValueError("must be auto, \(formats)") }
                configuration.camera.format = format
            }),
        Setting(
            "exposure", .camera, form: "US|auto", summary: "Exposure in microseconds, or auto.",
            details: "Left out: what the camera has.", example: "10000", completion: .words(["auto"]),
            apply: { text, configuration throws(ValueError) in
                configuration.camera.controls.exposure = try control(text, 1...10_000_000)
            }),
        Setting(
            "white-balance", .camera, form: "KELVIN|auto", summary: "White balance in kelvin, or auto.",
            details: "Left out: what the camera has.", example: "4600", completion: .words(["auto"]),
            apply: { text, configuration throws(ValueError) in
                configuration.camera.controls.whiteBalance = try control(text, 1000...20_000)
            }),
        Setting(
            "power-line", .camera, form: "HZ", summary: "Flicker of the lamps: off, 50, 60 or auto.",
            details: "Left out: what the camera has.", example: "50",
            completion: .words(CameraControls.PowerLine.allCases.map(\.rawValue)),
            apply: { text, configuration throws(ValueError) in
                guard let line = CameraControls.PowerLine(rawValue: text) else {
                    throw ValueError("must be off, 50, 60 or auto")
                }
                configuration.camera.controls.powerLine = line
            }),
    ]

    private static var formats: String { PixelFormat.allCases.map(\.rawValue).joined(separator: ", ") }

    private static func control(
        _ text: String, _ range: ClosedRange<Int>
    ) throws(ValueError) -> CameraControls.Setting {
        guard let value = CameraControls.Setting(text, range) else {
            throw ValueError("must be auto or a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
