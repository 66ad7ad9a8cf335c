import Engine
import Kernels
import Testing

@Suite struct KernelTrustTests {
    @Test(arguments: CPUFeatures.distinctMasks.map(\.name))
    func `Every step of this CPU is trusted`(mask: String) throws {
        let features = try #require(CPUFeatures(mask: mask)).intersection(.detected)
        let trust = KernelTrust(features)
        #expect(trust.features == features)
        #expect(trust.remark == nil)
    }

    @Test func `A step that gives wrong answers is left for the one below, and named`() {
        let wanted: CPUFeatures = [.sse41, .avx2, .avxVNNI, .avx512VNNI]
        var asked: [String] = []
        let trust = KernelTrust(wanted) { features, number in
            asked.append(features.highestStep)
            // One wrong bit in one logit of the second network.
            let isWrong = features.contains(.avxVNNI) && number == 1
            return [1, isWrong ? Float(2).nextUp : 2]
        }
        #expect(trust.features == [.sse41, .avx2])
        #expect(trust.remark?.contains("avx512-vnni, avx-vnni: using avx2 kernels") == true)
        #expect(asked.contains("scalar"))
    }

    @Test func `Plain C is what is left when nothing can be trusted`() {
        let trust = KernelTrust([.neon, .dotprod]) { features, _ in features.isEmpty ? [0] : nil }
        #expect(trust.features.isEmpty)
        #expect(trust.remark?.contains("scalar") == true)
    }
}
