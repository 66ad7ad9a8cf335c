internal import LinuxIO
package import Wire

/// Keeps messages as NDJSON: in one file, or as segments in a spool folder that another program empties.
///
/// A segment is written under `.part`, synced and renamed when it is full or old enough: what has a name ending in
/// `.ndjson` is complete. What a killed recorder left in `.part` is closed by the next one, up to its last whole line.
package actor Recorder {
    private var spool: SpoolFolder?
    private var file: LineFile?
    private let path: String
    private let segmentNs: UInt64
    private var openedNs: UInt64 = 0
    /// Held for as long as this lives: two recorders in one spool would write into one another's segments.
    private let lock: FolderLock?
    private let whenClosed: @Sendable (String) -> Void

    /// Where the state events stand: for `Subscription.resume` of the next connection.
    package private(set) var place: Subscription.Resume?

    /// A segment is also closed at this size, in bytes.
    static let segmentBytes = 1 << 20

    /// Appends to a file, made when it is not there.
    /// - Throws: `Failure` that names the file.
    package init(file path: String) throws(Failure) {
        self.path = path
        (spool, segmentNs, whenClosed) = (nil, 0, { _ in })
        lock = nil
        file = try LineFile(path: path)
    }

    /// - Parameters:
    ///   - limitBytes: what the segments may take together; beyond it the oldest go.
    ///   - note: told of segments that went so.
    ///   - whenClosed: is given the path of each segment that is complete.
    /// - Throws: `Failure` that names the folder.
    package init(
        spool folder: String, segmentSeconds: Double, limitBytes: Int,
        note: @escaping @Sendable (String) -> Void, whenClosed: @escaping @Sendable (String) -> Void
    ) throws(Failure) {
        var spool = SpoolFolder(path: folder, limitBytes: limitBytes, note: note)
        try spool.make()
        do throws(SystemError) { lock = try FolderLock.take(folderOf: folder + "/.part") } catch {
            throw Failure(.unavailable, "another recorder is at work in \(folder); stop it or choose another --spool")
        }
        path = folder + "/.part"
        segmentNs = UInt64(segmentSeconds * 1e9)
        self.whenClosed = whenClosed
        try spool.open()
        place = spool.place
        let left = try spool.close(path, at: spool.place)
        self.spool = spool
        if let left { whenClosed(left) }
    }

    /// Keeps one message.
    /// - Throws: `Failure` when the disk does not take it.
    package func add(_ message: ServerMessage) throws {
        note(message)
        if file == nil {
            file = try LineFile(path: path)
            openedNs = MonotonicClock.now()
        }
        try file?.append(message.encodeLine())
        if spool != nil, (file?.size ?? 0) >= Recorder.segmentBytes { try closeSegment() }
    }

    /// Closes a segment that is old enough. To be called now and then.
    package func tick() throws {
        if spool != nil, file != nil, MonotonicClock.now() - openedNs >= segmentNs { try closeSegment() }
    }

    /// Closes what is open.
    package func finish() throws {
        if spool != nil { try closeSegment() } else { try file?.sync() }
        file = nil
    }

    private func closeSegment() throws {
        guard spool != nil, file != nil else { return }
        file = nil
        if let closed = try spool?.close(path, at: place) { whenClosed(closed) }
    }

    private func note(_ message: ServerMessage) {
        switch message {
        case .hello(let hello):
            if place?.run != hello.run { place = Subscription.Resume(run: hello.run, stateSeq: hello.stateSeq) }
        case .power(let event): advance(to: event.stateSeq)
        case .camera(let event): advance(to: event.stateSeq)
        case .presence(let event): advance(to: event.stateSeq)
        case .model(let event): advance(to: event.stateSeq)
        case .result, .gap, .reply, .unknown: break
        }
    }

    private func advance(to number: UInt64?) {
        if let number, let run = place?.run { place = Subscription.Resume(run: run, stateSeq: number) }
    }
}
