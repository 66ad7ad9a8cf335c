import Daemon
import Imaging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A small picture for a report page.
enum Thumbnail {
    /// Half size, as a JPEG in base64.
    /// - Parameter pixels: RGB [height][width][3].
    static func base64(_ pixels: [UInt8], width: Int, height: Int) throws -> String {
        let row = width * 3
        let (width, height) = (width / 2, height / 2)
        var small: [UInt8] = []
        small.reserveCapacity(width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                for c in 0..<3 {
                    let place = 2 * y * row + 6 * x + c
                    let sum = Int(pixels[place]) + Int(pixels[place + 3]) + Int(pixels[place + row])
                    small.append(UInt8((sum + Int(pixels[place + row + 3]) + 2) / 4))
                }
            }
        }
        var options = JPEGEncoder.Options()
        options.quality = 80
        do throws(ImagingError) {
            return Data(try JPEGEncoder.encode(small, width: width, height: height, options)).base64EncodedString()
        } catch {
            throw Failure(.internal, "\(error)")
        }
    }
}
