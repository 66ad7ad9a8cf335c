import Glibc
import Kernels
import LinuxIO
import Tensors
import Testing

@testable import KernelHarness

/// A harness that cannot fail proves nothing.
@Suite struct HarnessSelfTests {
    private static let seed = HarnessSeed.standard
    private let pointwise = PointwiseCase(rows: 2, width: 5, inputs: 19, channels: 21, gaps: .init(outPixel: 8))

    /// Prepares the case twice from one seed, the second time with a layer somebody changed.
    private func finding(changing change: (inout LayerData) -> Void) throws -> String? {
        func prepare(_ change: (inout LayerData) -> Void) throws -> PreparedRun {
            var rng = SplitMix64(seed: Self.seed)
            var data = LayerData(.random, channels: 21, taps: 19, rng: &rng)
            change(&data)
            return try pointwise.prepare(.canaries, data, rng: &rng)
        }
        let kernel = Kernel.scalar(.pointwiseToPixels)
        let right = try prepare { _ in }
        let wrong = try prepare(change)
        let expected = Expectation(of: right, by: right.bind(kernel))
        #expect(expected.ownFlaw == nil)
        #expect(expected.flaw(of: right.bind(kernel), in: right) == nil)
        return expected.flaw(of: wrong.bind(kernel), in: wrong)
    }

    @Test func `one changed weight is found, at its channel alone`() throws {
        let finding = try #require(try finding { $0.weights[17 * 19 + 3] = $0.weights[17 * 19 + 3] > 0 ? -90 : 90 })
        #expect(finding.contains("first at row 0, x 0, channel 17"), "\(finding)")
        #expect(finding.contains("  x    0  .................x...\n"), "\(finding)")
    }

    @Test func `one changed bias is found`() throws {
        let finding = try #require(try finding { $0.bias[20] += 100_000 })
        #expect(finding.contains("channel 20"), "\(finding)")
    }

    @Test func `a product that is fused with the skip, and so rounded once instead of twice, is found`() throws {
        let test = PointwiseCase(skip: .separate, rows: 4, width: 9, inputs: 8, channels: 32, dataClass: .cancellation)
        var rng = SplitMix64(seed: Self.seed)
        let data = LayerData(.cancellation, channels: 32, taps: 8, rng: &rng)
        var copy = rng
        let run = try test.prepare(.canaries, data, rng: &rng)
        let input = data.inputBytes(4 * 9 * 8, rng: &copy)  // the first bytes that the case drew
        let skip = try #require(data.skipBytes)

        func candidate(isFused: Bool) -> () -> Void {
            let bytes = (0..<4 * 9 * 32).map { index -> UInt8 in
                let (pixel, c) = (index / 32, index % 32)
                let accumulator = (0..<8).reduce(Int(data.bias[c])) { sum, k in
                    sum + (Int(StoredByte.decode(input[pixel * 8 + k])) - Int(data.inputZeroPoint))
                        * Int(data.weights[c * 8 + k])
                }
                let (a, m) = (Float(accumulator), data.multipliers[c])
                let other = Float(Int(skip[c]) - Int(data.skipZeroPoint)) * data.skipMultiplier
                let scaled = isFused ? other.addingProduct(a, m) : a * m + other
                let q = scaled.rounded(.toNearestOrEven) + Float(data.output.zeroPoint)
                return StoredByte.encode(Int8(max(-128, min(127, q))))
            }
            return { run.outputs[0].memory.store(bytes) }
        }
        let expected = Expectation(of: run, by: run.bind(.scalar(.pointwiseToPixels)))
        #expect(expected.flaw(of: candidate(isFused: false), in: run) == nil)
        #expect(expected.flaw(of: candidate(isFused: true), in: run) != nil)
    }

    @Test(arguments: [-1, 21, 28, 2 * 5 * 32 - 11])
    func `a byte written outside the output is found`(offset: Int) throws {
        let run = try pointwise.prepare(.canaries, seed: Self.seed)
        let kernel = run.bind(.scalar(.pointwiseToPixels))
        let expected = Expectation(of: run, by: kernel)
        let finding = try #require(
            expected.flaw(
                of: {
                    kernel()
                    run.outputs[0].memory.store([0], at: offset)
                }, in: run))
        #expect(finding.contains("wrote 0 outside"), "\(finding)")
    }

    @Test func `a reference that writes outside its output is found`() throws {
        let run = try pointwise.prepare(.canaries, seed: Self.seed)
        let kernel = run.bind(.scalar(.pointwiseToPixels))
        let expected = Expectation(
            of: run,
            by: {
                kernel()
                run.outputs[0].memory.store([7], at: 22)
            })
        #expect(expected.ownFlaw?.contains("in a gap") == true)
    }

    @Test func `slots of a panel beyond the width may hold anything`() throws {
        let test = DepthwiseCase(stride: 1, rows: 1, width: 6, channels: 16)
        let run = try test.prepare(.canaries, seed: Self.seed)
        let kernel = run.bind(.scalar(.depthwise3x3Stride1))
        let expected = Expectation(of: run, by: kernel)
        func flaw(afterWritingAt position: OutputLayout.Position) -> String? {
            expected.flaw(
                of: {
                    kernel()
                    run.outputs[0].memory.store([0xEE], at: run.outputs[0].layout.offset(position))
                }, in: run)
        }
        #expect(flaw(afterWritingAt: .init(row: 0, x: 6, channel: 3)) == nil)
        #expect(flaw(afterWritingAt: .init(row: 0, x: 5, channel: 3))?.contains("x 5, channel 3") == true)
    }

    @Test func `outputs that are all equal are called no test`() throws {
        let test = PointwiseCase(rows: 2, width: 5, inputs: 8, channels: 16)
        var rng = SplitMix64(seed: Self.seed)
        var data = LayerData(.random, channels: 16, taps: 8, rng: &rng)
        data.multipliers = [Float](repeating: 0, count: 16)
        let run = try test.prepare(.canaries, data, rng: &rng)
        #expect(Expectation(of: run, by: run.bind(.scalar(.pointwiseToPixels))).isDegenerate(in: run))
    }

    @Test(
        .disabled(if: AddressSanitizer.isActive, "AddressSanitizer answers the signal itself"),
        arguments: [Placement.beforeGuard, .afterGuard])
    func `a step that reads beyond its operand is named, with the signal`(placement: Placement) throws {
        let memory = try Memory(count: 100, placement)
        #expect(memory.touch(0) == 0 && memory.touch(99) == 0)
        let outcome = try ChildProbe.run(steps: 4) { step in
            step == 2 ? "\(memory.touch(placement == .beforeGuard ? 100 : -1))" : nil
        }
        #expect(outcome == .died(step: 2, cause: "SIGSEGV"))
    }

    @Test func `what a step finds comes back from its process`() throws {
        #expect(try ChildProbe.run(steps: 5) { $0 == 3 ? "ä frog" : nil } == .failed(step: 3, finding: "ä frog"))
        #expect(try ChildProbe.run(steps: 5) { _ in nil } == .passed)
        #expect(try ChildProbe.run(steps: 5) { _ in _exit(9) } == .died(step: 0, cause: "exit with code 9"))
    }

    /// In a forked child and not in an exit test: those start the program anew, which an emulator of one process cannot.
    @Test(.disabled(if: AddressSanitizer.isActive, "AddressSanitizer answers the signal itself"))
    func `a kernel that is told of a pixel too many dies at the guard page`() throws {
        let input = try Memory(count: 4 * 8, .beforeGuard)
        let quads = try QuadMemory(rows: 1, width: 5, blocks: 1, .canaries)
        let layer = InterleaveLayer(kernel: .scalar(.interleave), zeroPoint: 0)
        let outcome = try ChildProbe.run(steps: 1) { _ in
            layer(input.pixels(rows: 1, width: 5, channels: 8, rowStride: 40, pixelStride: 8), into: quads.view)
            return nil
        }
        #expect(outcome == .died(step: 0, cause: "SIGSEGV"))
    }

    @Test func `a seed is read in decimal and hexadecimal, and printed with the line to type`() {
        #expect(HarnessSeed.parse("12") == 12)
        #expect(HarnessSeed.parse("0xff") == 255)
        #expect(HarnessSeed.parse("frog") == nil)
        #expect(HarnessSeed.rerun(12, filter: "KernelTests") == "TARSIER_SEED=12 swift test --filter 'KernelTests'")
    }
}

enum AddressSanitizer {
    /// Its runtime is in this process.
    static var isActive: Bool { unsafe dlsym(nil, "__asan_init") != nil }
}
