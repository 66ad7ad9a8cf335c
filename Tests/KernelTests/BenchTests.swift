import KernelHarness
import Kernels
import Testing

@Suite struct BenchTests {
    @Test func `every kernel that was verified is measured, the scalar last`() throws {
        let rows = try KernelHarness.bench(operation: .dense, budgetNs: 100_000)
        let supported = Kernel.all(.dense).filter { $0.runs(on: .detected) }
        #expect(rows.map(\.kernel) == supported)
        for row in rows {
            #expect(row.work == 102_400)
            #expect(row.timing.minimumNs > 0 && row.timing.minimumNs <= row.timing.medianNs)
            #expect(row.gigaPerSecond > 0 && row.ratioToScalar > 0)
        }
        #expect(rows.last?.ratioToScalar == 1)
    }

    @Test func `the peak of every instruction set here is measured`() {
        for peak in MachinePeak.measureAll() {
            #expect(peak.gmacsPerSecond >= peak.medianGmacsPerSecond && peak.medianGmacsPerSecond > 0)
            print("peak of \(peak.loop.name): \(peak.gmacsPerSecond.rounded()) GMAC/s")
        }
        #expect(MachinePeak.measure(features: []) == nil)
    }
}
