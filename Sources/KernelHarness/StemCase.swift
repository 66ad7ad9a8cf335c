import Kernels
import LinuxIO
import Tensors

/// First 3x3 convolution on the camera's pixels, stride 2, into quads.
struct StemCase: KernelCase {
    /// Output rows.
    var rows: Int
    /// Pixels in a row of the picture.
    var width: Int
    var channels: Int
    var dataClass = DataClass.random

    var operation: KernelOperation { .stem3x3 }
    var outputWidth: Int { (width + 1) / 2 }
    var work: Int { rows * outputWidth * channels * 27 }
    var shape: String { "\(rows) rows of \(width)->\(outputWidth) x\(channels)" }

    /// Bytes behind the last border pixel that a kernel may read; TSR_STEM_SLACK.
    private static let slack = 16

    func prepare(_ placement: Placement, seed: UInt64) throws(SystemError) -> PreparedRun {
        var rng = SplitMix64(seed: seed)
        let data = LayerData(dataClass, channels: channels, taps: 27, fixedZeroPoint: 0, rng: &rng)
        // The last row read is border row 2 * rows; what follows its slack does not exist here.
        let count = 2 * rows * PictureView.rowStride(width: width) + 3 * (2 * outputWidth + 1) + StemCase.slack
        let picture = try Memory(count: count, placement)
        picture.store(data.inputBytes(count, zero: 128, rng: &rng))
        let view = picture.picture(height: 2 * rows, width: width)
        let quads = try QuadMemory(
            rows: rows, width: outputWidth, blocks: QuadLayout.blocks(channels: channels), placement)
        return PreparedRun(outputs: quads.outputs()) { kernel in
            let layer = StemLayer(
                kernel: kernel, channels: channels, weights: data.weights, params: data.params, output: data.output)
            return { withExtendedLifetime((picture, quads)) { layer(view, firstRow: 0, into: quads.view) } }
        }
    }
}
