import KernelHarness
import Kernels
import Testing

/// How workers share a fused block: every part of the work is somebody's, once, and the estimate takes the even way.
struct BlockSharingTests {
    @Test(arguments: 1...9)
    func `shares of things cover them once, in order`(workers: Int) {
        for count in [1, 2, 7, 14, 64] {
            let shares = (0..<workers).map { BlockSharing.share(count, worker: $0, of: workers) }
            #expect(shares.flatMap(Array.init) == Array(0..<count))
            let sizes = shares.map(\.count)
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        }
    }

    @Test(arguments: 1...9)
    func `channels to filter and parts to project cover a block once`(workers: Int) {
        for (middle, channels) in [(16, 16), (48, 24), (512, 128), (1024, 1024), (8, 40)] {
            let block = BlockCase(
                .pointwise, innerHeight: 7, innerWidth: 7, inputs: 16, middle: middle, channels: channels, stride: 1,
                stripRows: 7, workers: workers
            ).block(features: .detected, seed: 1)
            let filtered = (0..<workers).flatMap { Array(block.filterShare(worker: $0, of: workers)) }
            #expect(filtered == Array(0..<(middle + 15) / 16))
            let cells = (0..<workers).flatMap { worker in
                let part = block.projectShare(worker: worker, of: workers)
                return part.rows.flatMap { row in part.blocks.map { [row, $0] } }
            }
            #expect(cells.count == 7 * ((channels + 15) / 16))
            #expect(Set(cells).count == cells.count)
        }
    }

    @Test func `seven rows are shared by channels, a hundred by rows, and a stem always by rows`() {
        func sharing(_ producer: BlockCase.Producer, side: Int, middle: Int, channels: Int) -> BlockSharing {
            BlockCase(
                producer, innerHeight: side, innerWidth: side, inputs: producer == .interleave ? middle : 128,
                middle: middle, channels: channels, stride: 1, stripRows: 4, workers: 2
            ).block(features: .detected, seed: 1).sharing(workers: 2)
        }
        #expect(sharing(.pointwise, side: 7, middle: 1024, channels: 1024) == .channels)
        #expect(sharing(.interleave, side: 7, middle: 1024, channels: 1024) == .channels)
        #expect(sharing(.pointwise, side: 112, middle: 96, channels: 24) == .rows)
        #expect(sharing(.stem, side: 7, middle: 1024, channels: 1024) == .rows)
    }

    @Test func `one worker shares nothing`() {
        let block = BlockCase(
            .pointwise, innerHeight: 7, innerWidth: 7, inputs: 128, middle: 1024, channels: 1024, stride: 1,
            stripRows: 7,
            workers: 1
        ).block(features: .detected, seed: 1)
        #expect(block.sharing(workers: 1) == .rows)
        #expect(block.sharing(workers: 2) == .channels)
    }
}
