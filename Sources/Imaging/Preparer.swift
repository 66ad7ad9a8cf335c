package import Tensors

/// What a preparation cost, in nanoseconds of wall time.
package struct PreparationTimes: Hashable, Sendable {
    /// JPEG to RGB; 0 for YUV, which is converted on the way.
    package var decodeNs: UInt64
    /// Crop and resize.
    package var prepareNs: UInt64
}

/// Makes the network's input from a frame, exactly as `Preprocessing` says: decode, cut, resize. One per inference thread: it
/// owns the scratch, which is reused, so that a stream of equal frames allocates nothing here after the first (libjpeg has
/// its own small pool per picture).
package struct Preparer: ~Copyable {
    package let preprocessing: Preprocessing
    /// What counts of a picture; nil is all of it.
    package let region: RegionOfInterest?
    private let decoder: JPEGDecoder
    private var pixels: [UInt8]
    private var resampler: Resampler
    private var yuvResizer: YUVResizer
    private var geometry: Geometry

    /// Throws when there is no memory.
    package init(_ preprocessing: Preprocessing, region: RegionOfInterest? = nil) throws(ImagingError) {
        // Before any property has a value: a compiler of 6.2 with its assertions on fails to clean up half of them.
        decoder = try JPEGDecoder()
        self.preprocessing = preprocessing
        self.region = region
        pixels = []
        resampler = Resampler()
        yuvResizer = YUVResizer()
        geometry = Geometry()
    }

    /// Extent of the last frame that was prepared, in pixels; zeros before the first.
    package var sourceSize: (width: Int, height: Int) { (geometry.width, geometry.height) }

    /// Writes the input of `preprocessing.height` rows of `preprocessing.width` RGB pixels.
    /// - Parameters:
    ///   - destination: row y goes to bytes `origin + y * rowStride ..< + width * 3`; other bytes are untouched. Traps when it
    ///     is too small for that: a mistake of the caller.
    ///   - rowStride: bytes, at least `width * 3`.
    ///   - origin: offset of the first pixel, in bytes.
    /// - Throws: when the frame is damaged or makes no sense; the destination is then untouched.
    @discardableResult
    package mutating func prepare(
        _ frame: borrowing Frame, into destination: inout MutableSpan<UInt8>, rowStride: Int, origin: Int
    ) throws(ImagingError) -> PreparationTimes {
        let start = ContinuousClock.now
        var view: View?
        do throws(ImagingError) {
            view = frame.format == .mjpeg ? try decodeJPEG(frame) : try convert(frame)
        } catch {
            throw ImagingError(error.code, error.message, name: frame.name)
        }
        let decoded = ContinuousClock.now
        let content = geometry.content
        if content.width < preprocessing.width || content.height < preprocessing.height {
            fill(&destination, rowStride: rowStride, origin: origin)
        }
        let first = origin + content.y * rowStride + content.x * 3
        if let view {
            resampler.resize(
                pixels, sourceStride: view.width * 3, originX: view.x, originY: view.y, across: geometry.across,
                down: geometry.down, into: &destination, rowStride: rowStride, origin: first)
        } else {
            yuvResizer.resize(
                frame, across: geometry.across, down: geometry.down, into: &destination, rowStride: rowStride,
                origin: first)
        }
        let done = ContinuousClock.now
        return PreparationTimes(decodeNs: nanoseconds(decoded - start), prepareNs: nanoseconds(done - decoded))
    }

    /// The bands of a letterbox: 128, which is 0 to the network.
    private func fill(_ destination: inout MutableSpan<UInt8>, rowStride: Int, origin: Int) {
        for row in 0..<preprocessing.height {
            let start = origin + row * rowStride
            for index in start..<(start + preprocessing.width * 3) { destination[index] = 128 }
        }
    }

    /// The same into fresh memory: [height][width][3].
    package mutating func prepare(_ frame: borrowing Frame) throws(ImagingError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: preprocessing.width * preprocessing.height * 3)
        var span = bytes.mutableSpan
        try prepare(frame, into: &span, rowStride: preprocessing.width * 3, origin: 0)
        return bytes
    }

    /// Where `pixels` lies in the (scaled) picture.
    private struct View {
        var x: Int
        var y: Int
        var width: Int
    }

    private mutating func decodeJPEG(_ frame: borrowing Frame) throws(ImagingError) -> View {
        // Moved out for the call, because the planning closure changes it while `self` is in use.
        var geometry = Geometry()
        swap(&geometry, &self.geometry)
        defer { swap(&geometry, &self.geometry) }
        let (preprocessing, region) = (preprocessing, region)
        var misfit: ImagingError?
        // A camera's frame with a damaged header may claim a hundred times the size, and cost as much.
        let most = frame.width > 0 ? 4 * frame.width * frame.height : Int.max
        let columns: JPEGDecoder.Region
        do throws(ImagingError) {
            columns = try decoder.decode(frame.bytes, into: &pixels) { width, height in
                guard width * height <= most else { return nil }
                do throws(ImagingError) {
                    try geometry.set(preprocessing, region, width: width, height: height, isJPEG: true)
                } catch {
                    misfit = error
                    return nil
                }
                return JPEGDecoder.Wanted(
                    denominator: geometry.denominator, x: geometry.across.lowest,
                    width: geometry.across.highest - geometry.across.lowest, y: geometry.down.lowest,
                    height: geometry.down.highest - geometry.down.lowest)
            }
        } catch {
            throw misfit ?? error
        }
        return View(x: columns.x, y: geometry.down.lowest, width: columns.width)
    }

    /// Nil for YUV, which is converted while it is resized.
    private mutating func convert(_ frame: borrowing Frame) throws(ImagingError) -> View? {
        let needed = ColourConversion.bytesNeeded(
            frame.format, width: frame.width, height: frame.height, strideBytes: frame.strideBytes)
        guard let needed, frame.bytes.count >= needed else {
            throw ImagingError(
                .badGeometry,
                "\(frame.bytes.count) bytes are no \(frame.width)x\(frame.height) \(frame.format.rawValue) picture "
                    + "with \(frame.strideBytes) bytes a row")
        }
        try geometry.set(preprocessing, region, width: frame.width, height: frame.height, isJPEG: false)
        if YUVResizer.handles(frame.format) { return nil }
        let window = ColourConversion.Window(
            x: geometry.across.lowest, y: geometry.down.lowest,
            width: geometry.across.highest - geometry.across.lowest,
            height: geometry.down.highest - geometry.down.lowest)
        let bytes = window.width * window.height * 3 + Resampler.slack
        if pixels.count < bytes { pixels = [UInt8](repeating: 0, count: bytes) }
        ColourConversion.convert(frame, window: window, into: &pixels)
        return View(x: window.x, y: window.y, width: window.width)
    }

    private func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        return UInt64(clamping: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

/// The filter tables for one size of picture, kept until the size changes.
private struct Geometry {
    private(set) var width = 0
    private(set) var height = 0
    private var isJPEG = false
    private(set) var denominator = 1
    private(set) var across = FilterTable()
    private(set) var down = FilterTable()
    private(set) var content = CropBox.Content(x: 0, y: 0, width: 0, height: 0)

    /// - Throws: when the region does not lie in a picture of this size.
    mutating func set(
        _ preprocessing: Preprocessing, _ region: RegionOfInterest?, width: Int, height: Int, isJPEG: Bool
    ) throws(ImagingError) {
        if width == self.width && height == self.height && isJPEG == self.isJPEG { return }
        let part = try ImagingError.part(of: region, width: width, height: height)
        let whole = CropBox(of: preprocessing, region: part, width: width, height: height)
        denominator = isJPEG ? whole.decodeDenominator : 1
        let box = CropBox(of: preprocessing, region: part, denominator: denominator)
        let (scaledWidth, scaledHeight) = (
            (width + denominator - 1) / denominator, (height + denominator - 1) / denominator
        )
        content = box.content
        across = FilterTable(inputSize: scaledWidth, start: box.left, end: box.right, outputSize: content.width)
        down = FilterTable(inputSize: scaledHeight, start: box.top, end: box.bottom, outputSize: content.height)
        (self.width, self.height, self.isJPEG) = (width, height, isJPEG)
    }
}

extension ImagingError {
    /// The region in pixels, or the whole picture.
    static func part(of region: RegionOfInterest?, width: Int, height: Int) throws(ImagingError) -> Rectangle {
        guard let region else { return Rectangle(x: 0, y: 0, width: Double(width), height: Double(height)) }
        guard let part = region.rectangle(width: width, height: height) else {
            throw ImagingError(.badGeometry, "the region \(region) does not lie in a picture of \(width)x\(height)")
        }
        return part
    }
}
