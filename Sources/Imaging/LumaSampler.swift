import CImaging
package import Tensors

/// Makes a `LumaGrid` of the part of a frame that the network sees, for a fraction of what preparing the frame costs: a JPEG is decoded
/// at 1/8, which takes the mean of each block of luma and transforms nothing; of uncompressed frames every second row is read.
/// One thread; owns its scratch, which is reused.
package struct LumaSampler: ~Copyable {
    /// Cells a side, at most.
    static let mostCells = 64

    private let preprocessing: Preprocessing
    private let region: RegionOfInterest?
    private let decoder: JPEGDecoder
    private let kernels: ImagingKernels
    private var luma: [UInt8]

    /// Throws when there is no memory.
    package init(_ preprocessing: Preprocessing, region: RegionOfInterest? = nil) throws(ImagingError) {
        try self.init(preprocessing, region: region, kernels: .best)
    }

    init(_ preprocessing: Preprocessing, region: RegionOfInterest? = nil, kernels: ImagingKernels) throws(ImagingError)
    {
        decoder = try JPEGDecoder()
        self.preprocessing = preprocessing
        self.region = region
        self.kernels = kernels
        luma = []
    }

    /// - Throws: when the frame is damaged or makes no sense; the grid is then not to be used.
    package mutating func sample(_ frame: borrowing Frame, into grid: inout LumaGrid) throws(ImagingError) {
        if frame.format == .mjpeg { return try sampleJPEG(frame, into: &grid) }
        let needed = ColourConversion.bytesNeeded(
            frame.format, width: frame.width, height: frame.height, strideBytes: frame.strideBytes)
        guard let needed, frame.bytes.count >= needed else {
            throw ImagingError(.badGeometry, "too few bytes for a \(frame.width)x\(frame.height) picture")
        }
        let part = try ImagingError.part(of: region, width: frame.width, height: frame.height)
        let window = LumaSampler.window(
            CropBox(of: preprocessing, region: part, width: frame.width, height: frame.height), frame.width,
            frame.height)
        // Where the luma of a pixel is, and how far the next is; green stands for the luma of RGB.
        let (offset, step) =
            switch frame.format {
            case .yuyv: (0, 2)
            case .uyvy: (1, 2)
            case .rgb24: (1, 3)
            case .nv12, .i420, .grey, .mjpeg: (0, 1)
            }
        let stride = frame.strideBytes
        unsafe frame.bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            unsafe average(
                base + (window.y * stride + window.x * step + offset), stride: stride, step: step, window, into: &grid)
        }
    }

    private mutating func sampleJPEG(_ frame: borrowing Frame, into grid: inout LumaGrid) throws(ImagingError) {
        let most = frame.width > 0 ? 4 * frame.width * frame.height : Int.max
        let (preprocessing, region) = (preprocessing, region)
        var window: ColourConversion.Window?
        let columns = try decoder.decode(frame.bytes, to: .luma, into: &luma) { width, height in
            guard width * height <= most,
                let part = try? ImagingError.part(of: region, width: width, height: height)
            else { return nil }
            let box = CropBox(of: preprocessing, region: part, denominator: 8)
            let own = LumaSampler.window(box, (width + 7) / 8, (height + 7) / 8)
            window = own
            return JPEGDecoder.Wanted(denominator: 8, x: own.x, width: own.width, y: own.y, height: own.height)
        }
        guard let window else { return }
        let luma = luma
        unsafe luma.withUnsafeBufferPointer { luma in
            guard let base = luma.baseAddress else { return }
            unsafe average(base + (window.x - columns.x), stride: columns.width, step: 1, window, into: &grid)
        }
    }

    /// Whole pixels that the box touches.
    private static func window(_ box: CropBox, _ width: Int, _ height: Int) -> ColourConversion.Window {
        let (x, y) = (min(Int(box.left), width - 1), min(Int(box.top), height - 1))
        return ColourConversion.Window(
            x: x, y: y, width: max(1, min(width, Int(box.right.rounded(.up))) - x),
            height: max(1, min(height, Int(box.bottom.rounded(.up))) - y))
    }

    /// - Parameter first: the luma of the window's first pixel.
    @unsafe private func average(
        _ first: UnsafePointer<UInt8>, stride: Int, step: Int, _ window: ColourConversion.Window,
        into grid: inout LumaGrid
    ) {
        var side = 1
        while max(window.width, window.height) > side * LumaSampler.mostCells { side *= 2 }
        let (width, height) = (max(1, window.width / side), max(1, window.height / side))
        side = min(side, window.width, window.height)
        grid.resize(width: width, height: height)
        // Half of the rows will do for a mean of many.
        let skip = side >= 4 ? 2 : 1
        let functions = unsafe kernels.functions
        for row in 0..<height {
            unsafe grid.withRow(row) { out in
                unsafe functions.cells(
                    first + row * side * stride, stride, side / skip, skip, step, side, width, out)
            }
        }
    }
}
