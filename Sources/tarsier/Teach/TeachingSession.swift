import Capture
import Daemon
import Imaging
import LinuxIO
import Tensors

#if canImport(Glibc)
import Glibc
#endif

/// `teach --interactive`: asks for classes on the terminal and photographs each.
struct TeachingSession {
    let folder: String
    let source: any FrameSource
    /// Photos of each class.
    let photos: Int
    /// Between two photos of a live source, in nanoseconds.
    static let pauseNs: UInt64 = 300_000_000
    /// Frames passed over for looking like one that is kept, before one is taken all the same.
    static let patience = 10

    /// - Throws: `usage` where nobody sits at a terminal.
    init(folder: String, source text: String, photos: Int) throws(Failure) {
        guard isatty(0) == 1 else {
            throw Failure(.usage, "teach --interactive asks at a terminal; standard input is none: leave the flag out")
        }
        do throws(CaptureError) {
            source = try SourceSpecification(parsing: text).open(interruption: try Interruption())
        } catch {
            throw Failure(error)
        }
        (self.folder, self.photos) = (folder, photos)
    }

    /// Asks and photographs until an empty name ends it.
    /// - Throws: `usage` when there are fewer than two classes then.
    func run() throws(Failure) {
        Terminal.note(
            "Teaching from \(source.identity). Name a class, show it to the camera, press Enter; an empty name ends.\n"
                + "One of the classes should be what the camera sees when nothing is there.")
        var classes: [String] = []
        while true {
            let name = ask("class \(classes.count + 1): ")
            guard let name, !name.isEmpty else { break }
            guard !name.contains("/"), !name.hasPrefix("."), name.utf8.count <= 100 else {
                Terminal.note("a name has no slash, no dot in front, and at most 100 bytes")
                continue
            }
            guard !classes.contains(name) else {
                Terminal.note("there is a class \(name) already")
                continue
            }
            guard ask("show \(name) and press Enter; then move it, turn it, come closer: ") != nil else { break }
            try photograph(name)
            classes.append(name)
        }
        guard classes.count > 1 else {
            throw Failure(
                .usage, "teach needs two classes at least; there \(classes.count == 1 ? "is one" : "are none")")
        }
    }

    /// A line without its end; nil at the end of the input.
    private func ask(_ prompt: String) -> String? {
        Terminal.prompt(prompt)
        return readLine().map { line in
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            return String(trimmed.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
        }
    }

    private func photograph(_ name: String) throws(Failure) {
        var frame = Frame()
        var scenes: [SceneThumbnail] = []
        var passed = 0
        // A camera's first frames may be from before Enter was pressed.
        if source.isLive { for _ in 0..<2 { _ = try next(&frame) } }
        while scenes.count < photos {
            guard try next(&frame) else {
                throw Failure(
                    .noInput, "\(source.identity): has no more frames after \(scenes.count) photos of \(name)")
            }
            let scene = try thumbnail(frame)
            let isSame = scenes.contains { $0.distance(to: scene) < CollectionRule.duplicateDistance }
            if isSame && passed < TeachingSession.patience && source.isLive {
                passed += 1
                _ = source.interruption.sleep(until: MonotonicClock.now() + TeachingSession.pauseNs / 4)
                continue
            }
            passed = 0
            _ = try FrameFile.write(try FrameFile.jpeg(frame), into: folder, label: name)
            scenes.append(scene)
            Terminal.progressBar(name, scenes.count, photos)
            if source.isLive {
                _ = source.interruption.sleep(until: MonotonicClock.now() + TeachingSession.pauseNs)
            }
        }
        Terminal.endProgress()
        Terminal.note("\(name): \(scenes.count) photos")
    }

    private func next(_ frame: inout Frame) throws(Failure) -> Bool {
        do throws(CaptureError) { return try source.next(into: &frame) } catch { throw Failure(error) }
    }

    private func thumbnail(_ frame: Frame) throws(Failure) -> SceneThumbnail {
        do throws(ImagingError) {
            let preprocessing = Preprocessing(width: 64, height: 64, cropFraction: 1, std: 64)
            var preparer = try Preparer(preprocessing)
            return SceneThumbnail(
                try preparer.prepare(frame), extent: Shape(height: 64, width: 64, channels: 3))
        } catch {
            throw Failure(error)
        }
    }
}
