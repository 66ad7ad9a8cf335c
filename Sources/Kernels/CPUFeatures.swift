internal import CKernels

/// Steps of the kernel ladder that a CPU offers, as the operating system lets us use them.
package struct CPUFeatures: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let sse41 = CPUFeatures(rawValue: UInt32(TSR_CPU_SSE41))
    package static let avx2 = CPUFeatures(rawValue: UInt32(TSR_CPU_AVX2))
    package static let avxVNNI = CPUFeatures(rawValue: UInt32(TSR_CPU_AVXVNNI))
    package static let avx512VNNI = CPUFeatures(rawValue: UInt32(TSR_CPU_AVX512VNNI))
    /// Permutations of bytes: no step of its own, some CPUs with `avx512VNNI` have it.
    package static let avx512VBMI = CPUFeatures(rawValue: UInt32(TSR_CPU_AVX512VBMI))
    package static let amxInt8 = CPUFeatures(rawValue: UInt32(TSR_CPU_AMXINT8))
    package static let neon = CPUFeatures(rawValue: UInt32(TSR_CPU_NEON))
    package static let dotprod = CPUFeatures(rawValue: UInt32(TSR_CPU_DOTPROD))
    package static let i8mm = CPUFeatures(rawValue: UInt32(TSR_CPU_I8MM))

    /// What the running CPU offers.
    package static let detected = CPUFeatures(rawValue: tsr_cpu_detect())

    /// Every feature with the name `--cpu-mask` and `inspect cpu` give it, from the lowest step to the highest.
    package static let names: [(feature: CPUFeatures, name: String)] = [
        (.sse41, "sse4.1"), (.avx2, "avx2"), (.avxVNNI, "avx-vnni"), (.avx512VNNI, "avx512-vnni"),
        (.amxInt8, "amx-int8"),
        (.neon, "neon"), (.dotprod, "dotprod"), (.i8mm, "i8mm"),
    ]

    /// Names of the features held, `scalar` where there is none.
    package var description: String {
        let held = CPUFeatures.names.filter { contains($0.feature) }.map(\.name)
        return held.isEmpty ? "scalar" : held.joined(separator: "+")
    }

    /// Name of the highest step held: what decides the kernels.
    package var highestStep: String { CPUFeatures.names.last { contains($0.feature) }?.name ?? "scalar" }

    /// One step of the ladder less; empty stays empty.
    package var withoutHighestStep: CPUFeatures {
        guard let highest = CPUFeatures.names.last(where: { contains($0.feature) }) else { return [] }
        return subtracting(highest.feature == .avx512VNNI ? [.avx512VNNI, .avx512VBMI] : highest.feature)
    }
}

extension CPUFeatures {
    /// A mask allows one step of the ladder and all below it: `scalar`, `sse4.1`, `avx2`, `avx-vnni`, `avx512-vnni`,
    /// `amx-int8`, `neon`, `dotprod`, `i8mm`, or `all`. AVX-VNNI and AVX-512 are steps of one ladder here.
    /// - Returns: nil for any other name.
    package init?(mask name: String) {
        if name == "all" {
            self.init(rawValue: .max)
            return
        }
        if name == "scalar" {
            self = []
            return
        }
        guard let step = CPUFeatures.names.firstIndex(where: { $0.name == name }) else { return nil }
        self = CPUFeatures.names[...step].reduce(into: []) { $0.insert($1.feature) }
        if contains(.avx512VNNI) { insert(.avx512VBMI) }
    }

    /// The masks that lead to different kernels on this CPU, lowest first: the ones to test and to bench.
    package static var distinctMasks: [(name: String, features: CPUFeatures)] {
        [("scalar", [])]
            + names.filter { detected.contains($0.feature) }.compactMap { entry in
                CPUFeatures(mask: entry.name).map { (entry.name, $0.intersection(detected)) }
            }
    }
}
