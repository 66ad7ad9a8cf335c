import Daemon
import Graphs
import Imaging
import Quantization
import Synchronization
import Tensors

/// The photos of a calibration folder as the network will see them. The first ones stay in memory; the others are decoded
/// again whenever they are wanted, so that memory is bounded whatever the size of the folder.
struct CalibrationPhotos: Sendable {
    /// 150 KiB each at 224x224.
    static let kept = 1024

    let facts: [PhotoFacts]
    /// What was left out, one line each.
    let complaints: [String]
    private let pictures: [[UInt8]?]
    private let preprocessing: Preprocessing
    private let region: RegionOfInterest?

    private enum Reading: Sendable {
        case photo(PhotoFacts, pixels: [UInt8]?)
        case complaint(String)
    }

    /// Reads every photo; those that cannot be used are told, not fatal, unless none is left.
    init(
        _ folder: String, _ preprocessing: Preprocessing, region: RegionOfInterest?, threads: Int,
        progress: @escaping @Sendable (Int, Int) -> Void
    ) throws(Failure) {
        let photos = try PhotoFolder(folder).photos
        let readings = Parallel.map(
            Array(photos.indices), threads: threads, done: { progress($0, photos.count) }
        ) { index, _ in
            CalibrationPhotos.read(photos[index], preprocessing, region, keeps: index < CalibrationPhotos.kept)
        }
        var (facts, pictures, complaints): ([PhotoFacts], [[UInt8]?], [String]) = ([], [], [])
        for reading in readings {
            switch reading {
            case .photo(let own, let pixels):
                facts.append(own)
                pictures.append(pixels)
            case .complaint(let text): complaints.append(text)
            }
        }
        guard !facts.isEmpty else {
            throw Failure(
                .badData, "\(folder): none of the \(photos.count) photos can be used; the first: \(complaints[0])")
        }
        (self.facts, self.pictures, self.complaints) = (facts, pictures, complaints)
        self.preprocessing = preprocessing
        self.region = region
    }

    /// For the quantizer.
    var set: PictureSet {
        PictureSet(count: facts.count) { index in try pixels(index) }
    }

    /// RGB [height][width][3] of the network's input.
    func pixels(_ index: Int) throws(Failure) -> [UInt8] {
        if let pixels = pictures[index] { return pixels }
        return try CalibrationPhotos.prepare(facts[index].path, preprocessing, region).pixels
    }

    private static func read(
        _ photo: PhotoFolder.Photo, _ preprocessing: Preprocessing, _ region: RegionOfInterest?, keeps: Bool
    ) -> Reading {
        do throws(Failure) {
            let (size, pixels) = try prepare(photo.path, preprocessing, region)
            guard min(size.width, size.height) >= CalibrationDoctor.leastSide else {
                return .complaint(
                    "\(photo.path): has \(size.width)x\(size.height) pixels and shows nothing; take it out")
            }
            let facts = PhotoFacts(
                path: photo.path, label: photo.label, width: size.width, height: size.height, pixels: pixels,
                extent: Shape(height: preprocessing.height, width: preprocessing.width, channels: 3))
            return .photo(facts, pixels: keeps ? pixels : nil)
        } catch {
            return .complaint(error.message)
        }
    }

    private static func prepare(
        _ path: String, _ preprocessing: Preprocessing, _ region: RegionOfInterest?
    ) throws(Failure) -> (size: (width: Int, height: Int), pixels: [UInt8]) {
        let frame = try PhotoFolder.frame(at: path)
        do throws(ImagingError) {
            var preparer = try Preparer(preprocessing, region: region)
            let pixels = try preparer.prepare(frame)
            return (preparer.sourceSize, pixels)
        } catch {
            throw Failure(error)
        }
    }
}
