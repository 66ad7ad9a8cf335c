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
struct SpoolFolder: Sendable {
    let path: String
    let limitBytes: Int
    let note: @Sendable (String) -> Void

    /// Makes the folder if it is not there.
    func prepare() throws(Failure) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure(.io, "cannot make the spool folder \(path); choose another --spool")
        }
    }

    /// Gives a written segment its name, without a half line at its end. nil when there is nothing in it.
    func close(_ part: String) throws(Failure) -> String? {
        guard let bytes = try? SmallFile.bytes(at: part, limit: 1 << 26) else { return nil }
        let whole = bytes.lastIndex(of: 0x0A).map { bytes[...$0] } ?? []
        guard !whole.isEmpty else {
            _ = unsafe unlink(part)
            return nil
        }
        let name = "\(path)/\(WallClock.unixMilliseconds())-\(MonotonicClock.now() % 1_000_000_000).ndjson"
        do throws(SystemError) {
            if whole.count < bytes.count { _ = try retrying("truncate") { unsafe truncate(part, whole.count) } }
            _ = try retrying("rename") { unsafe rename(part, name) }
        } catch {
            throw Failure(SystemError(call: error.call, errno: error.errno, path: part))
        }
        dropOldest()
        return name
    }

    private func dropOldest() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let segments = names.filter { $0.hasSuffix(".ndjson") }.sorted().map { "\(path)/\($0)" }
        let sizes = segments.map { (try? FileStatus(of: $0).size) ?? 0 }
        var total = sizes.reduce(0, +)
        for (segment, size) in zip(segments, sizes).dropLast() where total > limitBytes {
            guard unsafe unlink(segment) == 0 else { continue }
            total -= size
            note("the spool \(path) is full: \(segment) was dropped, \(size) bytes; is the link down?")
        }
    }

    /// Where the state events stood when the last segment was closed.
    func place() -> Subscription.Resume? {
        guard let text = try? SmallFile.text(at: path + "/place") else { return nil }
        let words = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard words.count >= 2, let number = UInt64(words[1]) else { return nil }
        return Subscription.Resume(run: String(words[0]), stateSeq: number)
    }

    func remember(_ place: Subscription.Resume) throws(Failure) {
        do throws(SystemError) {
            try AtomicFile.write(Array("\(place.run)\n\(place.stateSeq)\n".utf8), to: path + "/place")
        } catch {
            throw Failure(error)
        }
    }
}
