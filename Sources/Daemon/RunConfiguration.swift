package import Capture
package import Kernels
package import Power

/// What `tarsier run` was asked to do. Immutable and validated.
package struct RunConfiguration: Sendable {
    package enum Threads: Hashable, Sendable {
        /// The fewest that keep up with the rate.
        case automatic
        /// At least 1.
        case fixed(Int)
    }

    package let source: SourceSpecification
    /// Path of the model; nil is the default one.
    package let model: String?
    /// Path of the socket.
    package let socket: String
    package let threads: Threads
    /// Inferences a second; nil is as many as the source and the CPU allow.
    package let rate: Double?
    /// Inferences after which the daemon ends; nil runs on.
    package let frames: Int?
    /// What kernels may use.
    package let features: CPUFeatures
    /// How single frames become a label that holds.
    package let smoothing: SmoothingRequest
    /// Clients that may be connected at the same time, 1 to 4096.
    package let maxClients: Int
    /// What must not be exceeded.
    package let limits: PowerLimits
    /// From picture to labels, in milliseconds; nil asks only that inferences keep up with the rate.
    package let deadlineMs: Double?
    /// The source while nobody is subscribed.
    package let idle: IdleCamera
    /// Path of the table that `tarsier tune` made; nil is the default one.
    package let tuning: String?

    /// Inferences a second where nobody asks for another rate: what a scene needs, not what the CPU could.
    package static let defaultRate = 10.0

    package init(
        source: SourceSpecification, model: String?, socket: String, threads: Threads, rate: Double?, frames: Int?,
        features: CPUFeatures, smoothing: SmoothingRequest = SmoothingRequest(), maxClients: Int = 64,
        limits: PowerLimits = PowerLimits(), deadlineMs: Double? = nil, idle: IdleCamera = .slow, tuning: String? = nil
    ) {
        self.limits = limits
        self.deadlineMs = deadlineMs
        self.idle = idle
        self.tuning = tuning
        self.smoothing = smoothing
        self.maxClients = maxClients
        self.source = source
        self.model = model
        self.socket = socket
        self.threads = threads
        self.rate = rate
        self.frames = frames
        self.features = features
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
