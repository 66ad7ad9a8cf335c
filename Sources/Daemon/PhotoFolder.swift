internal import Capture
package import Tensors

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Photos on disk, as calibration and evaluation read them: JPEG files in a folder, or in one folder a label.
package struct PhotoFolder: Sendable {
    package struct Photo: Hashable, Sendable {
        package let path: String
        /// Name of the sub-folder it lies in; nil for one directly in the folder.
        package let label: String?
    }

    /// Sorted by path.
    package let photos: [Photo]
    /// Names of the sub-folders, also of those without a photo, sorted; hidden ones do not count.
    package let labels: [String]

    /// - Throws: when the folder is not there, cannot be read, or holds no photo.
    package init(_ path: String) throws(Failure) {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(.noInput, "\(path): no such folder; check the path")
        }
        guard isFolder else { throw Failure(.noInput, "\(path): is a file; name the folder that holds the photos") }
        do {
            var photos = try PhotoFolder.files(in: path).map { Photo(path: $0, label: nil) }
            var labels: [String] = []
            for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() where !name.hasPrefix(".") {
                let sub = path + "/" + name
                var isFolder = false
                guard FileManager.default.fileExists(atPath: sub, isDirectory: &isFolder), isFolder else { continue }
                labels.append(name)
                photos += try PhotoFolder.files(in: sub).map { Photo(path: $0, label: name) }
            }
            (self.photos, self.labels) = (photos, labels)
        } catch {
            throw Failure(.permission, "\(path): cannot be listed; check its permissions")
        }
        if photos.isEmpty { throw Failure(.noInput, "\(path): holds no .jpg files, nor do its sub-folders") }
    }

    private static func files(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            .filter { !$0.hasPrefix(".") }.filter {
                $0.lowercased().hasSuffix(".jpg") || $0.lowercased().hasSuffix(".jpeg")
            }
            .map { folder + "/" + $0 }
    }

    /// Reads a file as a frame that the preparer can decode. `-` is standard input.
    /// - Throws: `noInput`, `permission` or `io`, naming the file.
    package static func frame(at path: String) throws(Failure) -> Frame {
        var frame = Frame()
        do throws(CaptureError) { try StillImage.read(path, into: &frame) } catch { throw Failure(error) }
        return frame
    }
}
