import Teaching
import Tensors
import Testing

@Suite struct PictureTests {
    private static let extent = Shape(height: 32, width: 48, channels: 3)

    private func gradient() -> [UInt8] {
        var pixels: [UInt8] = []
        for y in 0..<PictureTests.extent.height {
            for x in 0..<PictureTests.extent.width { pixels += [UInt8(5 * x), UInt8(8 * y), 90] }
        }
        return pixels
    }

    @Test func `The first view is the picture, all differ, and their number is free`() {
        for count in 1...PictureViews.most {
            let views = PictureViews.of(gradient(), extent: PictureTests.extent, count: count, mirrors: true)
            #expect(views.count == count && views[0] == gradient() && Set(views).count == count)
            #expect(views.allSatisfy { $0.count == PictureTests.extent.count })
        }
    }

    @Test func `The mirror of a mirror is the picture`() {
        let once = PictureViews.of(gradient(), extent: PictureTests.extent, count: 2, mirrors: true)[1]
        #expect(once != gradient())
        #expect(PictureViews.of(once, extent: PictureTests.extent, count: 2, mirrors: true)[1] == gradient())
    }

    @Test func `Where left and right mean something the left stays left`() {
        for view in PictureViews.of(
            gradient(), extent: PictureTests.extent, count: PictureViews.most, mirrors: false)
        {
            #expect(view[16 * 48 * 3] < view[(16 * 48 + 47) * 3])
        }
    }

    @Test func `Pictures of nothing are the same every time and of four kinds`() {
        let (first, again) = (
            PicturesOfNothing.draw(12, extent: PictureTests.extent, seed: 1),
            PicturesOfNothing.draw(12, extent: PictureTests.extent, seed: 1)
        )
        #expect(first == again && Set(first).count == 12)
        #expect(first != PicturesOfNothing.draw(12, extent: PictureTests.extent, seed: 2))
        #expect(first.allSatisfy { $0.count == PictureTests.extent.count })
    }
}
