internal import LinuxIO
internal import Wire

#if canImport(Glibc)
internal import Glibc
#endif
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A folder of NDJSON segments, bounded: names sort by age, the oldest go when there is too much.
///
/// Segments are numbered and not dated: boards without a clock boot in the past, and a clock that is set must not make
/// what was written last the oldest. For one recorder at a time.
struct SpoolFolder: Sendable {
    let path: String
    let limitBytes: Int
    let note: @Sendable (String) -> Void

    /// Where the state events stood when the last segment was closed; nil where none was.
    private(set) var place: Subscription.Resume?
    /// Of the newest segment there ever was, also of those that somebody has taken away; 0 before the first.
    private var newest: UInt64 = 0

    init(path: String, limitBytes: Int, note: @escaping @Sendable (String) -> Void) {
        (self.path, self.limitBytes, self.note) = (path, limitBytes, note)
    }

    /// Makes the folder if it is not there.
    func make() throws(Failure) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure(.io, "cannot make the spool folder \(path); choose another --spool")
        }
    }

    /// Reads where the recorder before stopped.
    mutating func open() throws(Failure) {
        do throws(SystemError) {
            newest = try segments().last?.number ?? 0
        } catch {
            throw Failure(error)
        }
        guard let text = try? SmallFile.text(at: path + "/place") else { return }
        let words = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard words.count >= 2, let number = UInt64(words[1]) else { return }
        place = Subscription.Resume(run: String(words[0]), stateSeq: number)
        if words.count > 2, let last = UInt64(words[2]), last <= SegmentName.largest { newest = max(newest, last) }
    }

    /// Gives a written segment its name, without a half line at its end; both are on the disk then. nil when there is nothing
    /// in it.
    /// - Parameter place: where the state events stand at its end.
    mutating func close(_ part: String, at place: Subscription.Resume?) throws(Failure) -> String? {
        do throws(SystemError) {
            guard try SpoolFolder.finish(part) else { return nil }
            newest += 1
            // Before the segment has its name: a number must not come twice, also when all segments were taken away meanwhile.
            if let place { try remember(place) }
            let name = "\(path)/\(SegmentName(number: newest).text)"
            _ = try retrying("rename", path: part) { unsafe rename(part, name) }
            try AtomicFile.syncFolder(of: name)
            dropOldest(but: name)
            return name
        } catch {
            throw Failure(error)
        }
    }

    /// Syncs the whole lines of a segment, which are all that is left of it.
    /// - Returns: false when there are none, and no file any more.
    private static func finish(_ part: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            let bytes = try SmallFile.bytes(at: part, limit: 1 << 26)
            let whole = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            if whole == 0 {
                _ = try retrying("unlink") { unsafe unlink(part) }
                return false
            }
            let file = try Descriptor(opening: part, flags: O_WRONLY)
            let fd = file.raw
            if whole < bytes.count { _ = try retrying("ftruncate") { ftruncate(fd, whole) } }
            try file.sync()
            return true
        } catch {
            if error.errno == ENOENT { return false }
            throw SystemError(call: error.call, errno: error.errno, path: part)
        }
    }

    /// - Parameter newest: never goes, however large it is.
    private func dropOldest(but newest: String) {
        let names = ((try? segments()) ?? []).map { "\(path)/\($0.text)" }
        let sizes = names.map { (try? FileStatus(of: $0).size) ?? 0 }
        var total = sizes.reduce(0, +)
        for (segment, size) in zip(names, sizes) where total > limitBytes && segment != newest {
            guard unsafe unlink(segment) == 0 else { continue }
            total -= size
            note("the spool \(path) is full: \(segment) was dropped, \(size) bytes; is the link down?")
        }
    }

    /// Oldest first.
    private func segments() throws(SystemError) -> [SegmentName] {
        try FolderNames.list(path).compactMap { SegmentName($0) }.sorted()
    }

    private mutating func remember(_ place: Subscription.Resume) throws(SystemError) {
        try AtomicFile.write(Array("\(place.run)\n\(place.stateSeq)\n\(newest)\n".utf8), to: path + "/place")
        self.place = place
    }
}

/// The name of a segment: `segment-000000000001.ndjson`, so that a shell lists the oldest first. Segments of earlier versions
/// are named by the clock, `1767225600000-1.ndjson`; they, and whatever else ends in `.ndjson`, are older than all that have a number.
struct SegmentName: Hashable, Sendable, Comparable {
    let text: String
    /// 0 for names of earlier versions.
    let number: UInt64
    /// What the clock said, of earlier versions.
    private let unixMs: UInt64

    /// Numbers that are believed: far beyond what a disk outlives, far below where counting ends.
    static let largest: UInt64 = 999_999_999_999

    init(number: UInt64) {
        let digits = String(number)
        text = "segment-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits + ".ndjson"
        (self.number, unixMs) = (number, 0)
    }

    /// nil for what is no segment.
    init?(_ name: String) {
        guard name.hasSuffix(".ndjson") else { return nil }
        let stem = name.dropLast(".ndjson".count)
        let digits = stem.dropFirst("segment-".count)
        if stem.hasPrefix("segment-"), digits.utf8.count == 12, let number = UInt64(digits) {
            self.number = number
        } else {
            number = 0
        }
        (text, unixMs) = (name, UInt64(stem.prefix { $0 != "-" }) ?? 0)
    }

    static func < (one: SegmentName, other: SegmentName) -> Bool {
        (one.number, one.unixMs, one.text) < (other.number, other.unixMs, other.text)
    }
}
