internal import Tensors

/// What of a picture counts, and when it is worth an inference; `docs/camera.md` explains both.
extension Setting {
    static let gate: [Setting] = [
        Setting(
            "motion", .camera, form: "HOW",
            summary: "How much must move before a frame is inferred: off, low, medium or high.",
            details: """
                high sees the least. Light that changes everywhere alike is no motion. An unchanged scene is inferred once a `heartbeat`, and \
                frames between count as skipped{motion}; off infers each frame that `rate` allows. Left out: medium for cameras, off \
                for everything else.
                """,
            example: "high", completion: .words(["off"] + MotionSensitivity.allCases.map(\.rawValue)),
            isReloadable: true,
            apply: { text, configuration throws(ValueError) in
                if text == "off" {
                    configuration.motion = .off
                } else if let level = MotionSensitivity(rawValue: text) {
                    configuration.motion = .at(level)
                } else {
                    throw ValueError("must be off, low, medium or high")
                }
            }),
        Setting(
            "heartbeat", .camera, form: "SECONDS",
            summary: "An unchanged scene is inferred at least this often, 0.1 to 3600.",
            details: "Has no effect with motion = off.", standard: "1", example: "10", isReloadable: true,
            apply: { text, configuration throws(ValueError) in
                guard let seconds = Double(text), (0.1...3600).contains(seconds) else {
                    throw ValueError("must be a number of seconds from 0.1 to 3600")
                }
                configuration.heartbeatNs = UInt64(seconds * 1e9)
            }),
        Setting(
            "region", .camera, form: "X,Y,W,H",
            summary: "The part of the picture that counts: left edge, top edge, width, height.",
            details: """
                Fractions from 0 to 1, or whole pixels of the size that the camera agreed on. The model's crop is taken of this part; \
                nothing outside it is looked at. Left out: all of the picture.
                """,
            example: "0.25,0,0.5,1", isReloadable: true,
            apply: { text, configuration throws(ValueError) in
                guard let region = RegionOfInterest(parsing: text) else {
                    throw ValueError(
                        "must be x,y,width,height inside the picture, in fractions from 0 to 1 or in whole pixels, at least 8 wide and high"
                    )
                }
                configuration.region = region
            }),
    ]
}
