internal import Imaging
internal import LinuxIO
package import Tensors

/// Keeps frames as JPEG files. They are pictures of a home: nobody but their owner may read them.
package enum FrameFile {
    /// The camera's own JPEG where it sends one; else the whole frame, encoded at quality 92.
    /// - Throws: `badData` when the frame makes no sense.
    package static func jpeg(_ frame: borrowing Frame) throws(Failure) -> [UInt8] {
        if frame.format == .mjpeg { return frame.bytes }
        do throws(ImagingError) {
            // The picture at its own size: a resize that changes nothing.
            var preparer = try Preparer(
                Preprocessing(width: max(1, frame.width), height: max(1, frame.height), cropFraction: 1, std: 64))
            var options = JPEGEncoder.Options()
            options.quality = 92
            return try JPEGEncoder.encode(
                try preparer.prepare(frame), width: frame.width, height: frame.height, options)
        } catch {
            throw Failure(error)
        }
    }

    /// Writes a file in one step, and its folder if that is not there; both for their owner alone. A folder that is there
    /// stays as it is.
    /// - Parameter label: one name of a folder.
    /// - Returns: where it lies.
    package static func write(_ jpeg: [UInt8], into folder: String, label: String) throws(Failure) -> String {
        let own = folder + "/" + safe(label)
        do throws(SystemError) { try PrivateFolder.make(own) } catch {
            throw Failure(.io, "\(own): cannot be made; check the permissions of \(folder)")
        }
        let path = "\(own)/\(WallClock.unixMilliseconds())-\(MonotonicClock.now() / 1000 % 1_000_000).jpg"
        do throws(SystemError) { try AtomicFile.write(jpeg, to: path, mode: 0o600) } catch { throw Failure(error) }
        return path
    }

    /// A label as the name of a folder: it may hold anything, a slash with an accent included, and names have at most 255 bytes.
    static func safe(_ label: String) -> String {
        var name = ""
        for scalar in label.unicodeScalars where name.utf8.count + scalar.utf8.count <= 200 {
            name.unicodeScalars.append(scalar == "/" || scalar == "\0" ? "_" : scalar)
        }
        return name.isEmpty || name.unicodeScalars.first == "." ? "_" + name : name
    }
}
