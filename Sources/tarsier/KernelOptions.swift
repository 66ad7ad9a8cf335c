import ArgumentParser
import Daemon
import Kernels

/// `--cpu-mask`, for every command that runs kernels.
struct KernelOptions: ParsableArguments {
    @Option(
        help: """
            Use kernels up to this step only: scalar, sse4.1, avx2, avx-vnni, avx512-vnni, amx-int8, neon, dotprod, i8mm.
            """)
    var cpuMask: String?

    /// Features that kernels may use under the mask; everything detected without one.
    func features() throws(Failure) -> CPUFeatures {
        guard let cpuMask else { return .detected }
        guard let features = CPUFeatures(mask: cpuMask) else {
            let names = (["scalar"] + CPUFeatures.names.map(\.name) + ["all"]).joined(separator: ", ")
            throw Failure(.usage, "--cpu-mask \(cpuMask): no such step; there are \(names)")
        }
        return features.intersection(.detected)
    }
}
