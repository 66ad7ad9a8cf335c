import Kernels
import LinuxIO
import Tensors

/// 3x3 depthwise convolution, quads into panel.
struct DepthwiseCase: KernelCase {
    var stride: Int
    /// Output rows.
    var rows: Int
    /// Input pixels in a row.
    var width: Int
    var channels: Int
    var dataClass = DataClass.random

    var operation: KernelOperation { stride == 1 ? .depthwise3x3Stride1 : .depthwise3x3Stride2 }
    var outputWidth: Int { (width - 1) / stride + 1 }
    var work: Int { rows * outputWidth * channels * 9 }
    var shape: String { "\(rows) rows of \(width)->\(outputWidth) x\(channels)" }

    func prepare(_ placement: Placement, seed: UInt64) throws(SystemError) -> PreparedRun {
        var rng = SplitMix64(seed: seed)
        let data = LayerData(dataClass, channels: channels, taps: 9, rng: &rng)
        let blocks = QuadLayout.blocks(channels: channels)
        let quads = try QuadMemory(rows: (rows - 1) * stride + 3, width: width, blocks: blocks, placement)
        for (index, memory) in quads.rows.enumerated() {
            let isOutside = index == 0 && Bool.random(using: &rng)  // as at the top of a picture
            memory.store(quadRow(isOutside: isOutside, data, rng: &rng))
        }
        let layout = OutputLayout.panel(rows: rows, width: outputWidth, blocks: blocks)
        let memory = try Memory(count: layout.byteCount, placement)
        return PreparedRun(outputs: [PreparedRun.Output(memory, layout)]) { kernel in
            let layer = DepthwiseLayer(
                kernel: kernel, channels: channels, weights: data.weights, params: data.params, output: data.output)
            return {
                withExtendedLifetime((quads, memory)) {
                    layer(quads.view, into: memory.panel(rows: rows, width: outputWidth, blocks: blocks))
                }
            }
        }
    }

    /// One row of quads: pads and slots beyond the width hold the zero point, as the contract promises.
    private func quadRow(isOutside: Bool, _ data: LayerData, rng: inout SplitMix64) -> [UInt8] {
        let blocks = QuadLayout.blocks(channels: channels)
        let blockStride = QuadLayout.blockStride(width: width)
        let zero = StoredByte.encode(data.inputZeroPoint)
        guard !isOutside else { return [UInt8](repeating: zero, count: blocks * blockStride) }
        var row = data.inputBytes(blocks * blockStride, rng: &rng)
        let groups = QuadLayout.groups(width: width)
        for block in 0..<blocks {
            let start = block * blockStride
            for index in 0..<QuadLayout.cellBytes {
                row[start + index] = zero
                row[start + blockStride - QuadLayout.cellBytes + index] = zero
            }
            for x in width..<4 * groups {
                let slot = start + (1 + x / 4) * QuadLayout.cellBytes + x % 4
                for lane in 0..<16 { row[slot + 4 * lane] = zero }
            }
        }
        return row
    }
}
