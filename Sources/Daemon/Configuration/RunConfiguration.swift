package import Capture
package import Kernels
package import Power
package import Tensors

/// What `tarsier run` was asked to do, from the defaults, the configuration files, the environment and the flags together.
/// Read-only outside `Configuration/`, where `Setting` changes single values and `Configuration` checks the whole.
package struct RunConfiguration: Hashable, Sendable {
    package enum Threads: Hashable, Sendable {
        /// The fewest that keep up with the rate.
        case automatic
        /// At least 1.
        case fixed(Int)
    }

    package internal(set) var source = SourceSpecification.v4l2(.automatic)
    /// What is asked of a camera.
    package internal(set) var camera = CameraRequest()
    /// Path of the model; nil is the default one.
    package internal(set) var model: String?
    /// SHA-256 of the only model file that may run, in lower-case hexadecimal; nil takes any.
    package internal(set) var modelSHA256: String?
    /// Path of the socket.
    package internal(set) var socket = "/run/tarsier/tarsier.sock"
    package internal(set) var threads = Threads.automatic
    /// Inferences a second; nil is as many as the source and the CPU allow.
    package internal(set) var rate: Double? = 10
    /// Inferences after which the daemon ends; nil runs on.
    package internal(set) var frames: Int?
    /// What kernels may use.
    package internal(set) var features = CPUFeatures.detected
    /// How single frames become a label that holds.
    package internal(set) var smoothing = SmoothingRequest()
    /// Clients that may be connected at the same time, 1 to 4096.
    package internal(set) var maxClients = 64
    /// Whether clients that ask are handed pictures.
    package internal(set) var handsPictures = false
    /// What must not be exceeded.
    package internal(set) var limits = PowerLimits()
    /// From picture to labels, in milliseconds; nil asks only that inferences keep up with the rate.
    package internal(set) var deadlineMs: Double?
    /// The source while nobody is subscribed.
    package internal(set) var idle = IdleCamera.slow
    /// Path of the table that `tarsier tune` made; nil is the default one.
    package internal(set) var tuning: String?

    /// What must move before a frame is inferred.
    package internal(set) var motion = MotionRequest.automatic
    /// An unchanged scene is inferred at least once in so many nanoseconds.
    package internal(set) var heartbeatNs = GateConfiguration.defaultHeartbeatNs
    /// What counts of a picture; nil is all of it.
    package internal(set) var region: RegionOfInterest?

    package internal(set) var log = LogRequest()

    package init() {}

    /// The same, but for so many inferences only.
    package func ending(after frames: Int?) -> RunConfiguration {
        var configuration = self
        configuration.frames = frames
        return configuration
    }

    /// Whether frames follow one another in time: all sources but a folder of pictures.
    package var isStream: Bool {
        switch source {
        case .v4l2, .scene, .mjpeg, .y4m: true
        case .images: false
        }
    }

    /// Whether inference rests while nobody is subscribed: for what is live and has no end. Files are worked through,
    /// and who asks for so many frames gets them.
    package var restsWithoutSubscribers: Bool {
        guard frames == nil else { return false }
        switch source {
        case .v4l2, .scene: return true
        case .images, .mjpeg, .y4m: return false
        }
    }
}

/// The setting `motion`.
package enum MotionRequest: Hashable, Sendable {
    /// Medium for cameras, off for everything else: every picture of a file counts.
    case automatic
    case off
    case at(MotionSensitivity)
}

extension RunConfiguration {
    /// When a frame is worth an inference; nil infers each. Who asks for so many frames gets them as they come.
    func gate(_ smoothing: SmoothingConfiguration, _ preprocessing: Preprocessing) -> GateConfiguration? {
        let sensitivity: MotionSensitivity
        switch (motion, source) {
        case (.at(let level), _): sensitivity = level
        case (.automatic, .v4l2) where frames == nil: sensitivity = .medium
        case (.automatic, _), (.off, _): return nil
        }
        return GateConfiguration(
            sensitivity, heartbeatNs: heartbeatNs, smoothing: smoothing,
            rest: idle == .keep || !isLive ? nil : GateConfiguration.defaultRest, preprocessing: preprocessing,
            region: region)
    }

    /// Whether frames come by a clock of their own.
    package var isLive: Bool {
        switch source {
        case .v4l2, .scene: true
        case .images, .mjpeg, .y4m: false
        }
    }
}
