import Tensors
import Testing

@testable import Imaging

/// Crop, letterbox and stretch, and the region of interest.
@Suite struct FitTests {
    private func preprocessing(
        _ width: Int, _ height: Int, _ fit: Preprocessing.Fit, crop: Double = 1
    ) -> Preprocessing {
        Preprocessing(width: width, height: height, fit: fit, cropFraction: crop, std: 64)
    }

    private func prepare(
        _ frame: Frame, _ preprocessing: Preprocessing, region: String? = nil
    ) throws -> [UInt8] {
        let part = try region.map { try #require(RegionOfInterest(parsing: $0)) }
        var preparer = try Preparer(preprocessing, region: part)
        return try preparer.prepare(frame)
    }

    private func rgb(_ width: Int, _ height: Int) -> Frame {
        Fixture.frame(.rgb24, width, height, Fixture.picture(width, height))
    }

    @Test func `boxes and contents`() {
        let wide = CropBox(of: preprocessing(224, 224, .letterbox), width: 640, height: 480)
        #expect((wide.left, wide.top, wide.right, wide.bottom) == (0, 0, 640, 480))
        #expect(wide.content == CropBox.Content(x: 0, y: 28, width: 224, height: 168))
        let high = CropBox(of: preprocessing(224, 224, .letterbox), width: 100, height: 400)
        #expect(high.content == CropBox.Content(x: 84, y: 0, width: 56, height: 224))
        let thread = CropBox(of: preprocessing(8, 8, .letterbox), width: 1000, height: 10)
        #expect(thread.content == CropBox.Content(x: 0, y: 3, width: 8, height: 1))
        let stretched = CropBox(of: preprocessing(224, 224, .stretch, crop: 0.5), width: 640, height: 480)
        #expect((stretched.left, stretched.top, stretched.right, stretched.bottom) == (160, 120, 480, 360))
        #expect(stretched.content == CropBox.Content(x: 0, y: 0, width: 224, height: 224))
        let part = CropBox(
            of: preprocessing(224, 224, .crop), region: Rectangle(x: 100, y: 50, width: 300, height: 200), width: 640,
            height: 480)
        #expect((part.left, part.top, part.right, part.bottom) == (150, 50, 350, 250))
    }

    @Test(arguments: [PixelFormat.rgb24, .yuyv, .mjpeg])
    func `a letterbox is the whole picture between bands of 128`(format: PixelFormat) throws {
        let (width, height) = (120, 60)
        let picture = Fixture.smooth(width, height)
        let frame: Frame =
            switch format {
            case .rgb24: Fixture.frame(format, width, height, picture)
            case .mjpeg: Fixture.jpegFrame(try Fixture.jpeg(picture, width, height))
            default: Fixture.frame(format, width, height, (0..<(width * height * 2)).map { UInt8(40 + $0 % 150) })
            }
        let boxed = try prepare(frame, preprocessing(32, 32, .letterbox))
        let whole = try prepare(frame, preprocessing(32, 16, .stretch))
        #expect(boxed[..<(8 * 32 * 3)].allSatisfy { $0 == 128 })
        #expect(Array(boxed[(8 * 32 * 3)..<(24 * 32 * 3)]) == whole)
        #expect(boxed[(24 * 32 * 3)...].allSatisfy { $0 == 128 })
    }

    @Test func `bands are drawn anew when another size of picture comes`() throws {
        var preparer = try Preparer(preprocessing(16, 16, .letterbox))
        var bytes = [UInt8](repeating: 7, count: 16 * 16 * 3)
        for (width, height) in [(16, 16), (32, 16), (16, 32), (32, 16)] {
            var span = bytes.mutableSpan
            try preparer.prepare(rgb(width, height), into: &span, rowStride: 48, origin: 0)
        }
        #expect(bytes == (try prepare(rgb(32, 16), preprocessing(16, 16, .letterbox))))
        #expect(bytes.prefix(4 * 48).allSatisfy { $0 == 128 })
    }

    @Test func `all fits agree on a picture of the input's shape`() throws {
        for crop in [1, 0.8] {
            let pictures = try Preprocessing.Fit.allCases.map {
                try prepare(rgb(64, 64), preprocessing(24, 24, $0, crop: crop))
            }
            #expect(pictures[0] == pictures[1] && pictures[1] == pictures[2])
        }
    }

    @Test(arguments: Preprocessing.Fit.allCases)
    func `regions in pixels and in fractions are the same, and all of the picture is none`(
        fit: Preprocessing.Fit
    ) throws {
        let (frame, preprocessing) = (rgb(80, 64), preprocessing(20, 20, fit))
        #expect(try prepare(frame, preprocessing, region: "0,0,1,1") == prepare(frame, preprocessing))
        #expect(try prepare(frame, preprocessing, region: "0,0,80,64") == prepare(frame, preprocessing))
        let part = try prepare(frame, preprocessing, region: "20,16,40,32")
        #expect(try part == prepare(frame, preprocessing, region: "0.25,0.25,0.5,0.5"))
        #expect(try part != prepare(frame, preprocessing))
    }

    /// A JPEG of which only the region's rows and columns are decoded gives what the whole one gives.
    @Test(arguments: Preprocessing.Fit.allCases, ["300,200,96,96", "17,31,200,64", "0,0,64,120"])
    func `the region of a JPEG equals that of its pixels`(fit: Preprocessing.Fit, region: String) throws {
        let jpeg = try Fixture.jpeg(Fixture.smooth(512, 384), 512, 384)
        let whole = try JPEGDecoder().decodeWhole(jpeg)
        // More pixels than the region has: decoded at 1/1.
        let preprocessing = preprocessing(224, 224, fit)
        #expect(
            try prepare(Fixture.jpegFrame(jpeg), preprocessing, region: region)
                == prepare(Fixture.frame(.rgb24, 512, 384, whole.rgb), preprocessing, region: region))
    }

    @Test func `a region that leaves the picture is told`() throws {
        for frame in [rgb(64, 48), Fixture.jpegFrame(try Fixture.jpeg(Fixture.smooth(64, 48), 64, 48))] {
            let error = #expect(throws: ImagingError.self) {
                try prepare(frame, preprocessing(8, 8, .crop), region: "32,16,40,32")
            }
            #expect(error?.message == "the region 32,16,40,32 does not lie in a picture of 64x48")
        }
    }

    @Test(arguments: [
        "", "1,2,3", "0,0,0,1", "0,0,1,0", "0.5,0,0.6,1", "0,0.2,1,0.9", "-1,0,64,64", "0,0,4,64", "0,0,64.5,64",
        "0,0,nan,1", "a,b,c,d", "0,0,99999,64", "0,0,1,1,1",
    ])
    func `what is no region is refused`(text: String) { #expect(RegionOfInterest(parsing: text) == nil) }

    @Test func `regions are written as they are read`() throws {
        for text in ["0.25,0,0.5,1", "10,20,300,200"] {
            let region = try #require(RegionOfInterest(parsing: text))
            #expect(RegionOfInterest(parsing: region.description) == region)
        }
        let third = try #require(RegionOfInterest(parsing: "0.7,0.1,0.3,0.9"))
        let rectangle = try #require(third.rectangle(width: 641, height: 479))
        #expect(rectangle.x + rectangle.width <= 641 && rectangle.y + rectangle.height <= 479)
    }
}
