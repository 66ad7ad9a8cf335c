package import Tensors

/// When a frame is worth an inference. Immutable; `docs/camera.md` explains the choice.
package struct GateConfiguration: Hashable, Sendable {
    package var sensitivity: MotionSensitivity
    /// An unchanged scene is inferred at least this often, in nanoseconds.
    package var heartbeatNs: UInt64
    /// After the last motion so many frames, and for so long, are still inferred, until the smoothed label has settled.
    package var settleFrames: Int
    package var settleNs: UInt64
    /// From when on and how often an unchanged scene is looked at; nil looks at each frame that the rate allows.
    package var rest: Rest?
    package var preprocessing: Preprocessing
    package var region: RegionOfInterest?

    package struct Rest: Hashable, Sendable {
        package var afterNs: UInt64
        /// Looks a second.
        package var rate: Double

        package init(afterNs: UInt64, rate: Double) { (self.afterNs, self.rate) = (afterNs, rate) }
    }

    /// Five looks a second after ten seconds: motion is then seen a tenth of a second later on average, and the camera's frames
    /// between two looks are not even copied.
    package static let defaultRest = Rest(afterNs: 10_000_000_000, rate: 5)

    /// Often enough to trust that the daemon lives and to catch what crept up on the gate; a thirtieth of a camera's frames.
    package static let defaultHeartbeatNs: UInt64 = 1_000_000_000

    package init(
        _ sensitivity: MotionSensitivity, heartbeatNs: UInt64 = defaultHeartbeatNs, smoothing: SmoothingConfiguration,
        rest: Rest? = defaultRest, preprocessing: Preprocessing, region: RegionOfInterest? = nil
    ) {
        self.sensitivity = sensitivity
        self.heartbeatNs = heartbeatNs
        self.rest = rest
        self.preprocessing = preprocessing
        self.region = region
        (settleFrames, settleNs) = smoothing.settling
    }
}

extension SmoothingConfiguration {
    /// Results, and nanoseconds, after which a label that does not change any more is told as it is.
    var settling: (frames: Int, ns: UInt64) {
        switch method {
        case .none: (stableAfter, 0)
        // Five time constants: less than 1 % of what was before is left.
        case .exponential(let timeConstantMs): (stableAfter, UInt64(min(60_000, 5 * timeConstantMs) * 1e6))
        case .majority(let window): (max(stableAfter, window), 0)
        }
    }
}
