import Glibc
import KernelHarness
import Kernels
import Testing

@Suite struct KernelVerificationTests {
    private static let kernels = KernelOperation.allCases.flatMap { Kernel.all($0) }
    static let supported = kernels.filter { $0.runs(on: .detected) }
    static let unsupported = kernels.filter { !$0.runs(on: .detected) }

    @Test(arguments: supported)
    func `gives the bits of the normative kernel and touches nothing else`(kernel: Kernel) throws {
        let report = try KernelHarness.verify(
            operation: kernel.operation, filter: kernel.name, seed: HarnessSeed.fromEnvironment())
        #expect(report.passed, "\(report)")
        #expect(report.rows.map(\.kernel) == [kernel])
    }

    /// A kernel that cannot run here was not tested, and silence would look like success.
    @Test func `every instruction set that must be tested here was`() {
        for kernel in Self.unsupported { print("not run: \(kernel.name) needs \(kernel.needs.description)") }
        let required = RequiredInstructionSets.fromEnvironment()
        #expect(
            required.missing(from: .detected) == [],
            "TARSIER_REQUIRE_ISA names instruction sets without tested kernels on this CPU")
    }

    @Test func `a required instruction set that did not run is named`() {
        let required = RequiredInstructionSets("scalar, avx2,dotprod ,nonsense")
        #expect(required.missing(from: []) == ["avx2", "dotprod", "nonsense"])
        #expect(RequiredInstructionSets("").missing(from: []) == [])
    }

    @Test(arguments: KernelOperation.allCases)
    func `the table ends with a scalar kernel that needs nothing`(operation: KernelOperation) {
        let kernels = Kernel.all(operation)
        #expect(kernels.last?.needs == [])
        #expect(kernels.last?.name.hasSuffix("__scalar") == true)
        #expect(kernels.dropLast().allSatisfy { !$0.needs.isEmpty })
        #expect(Set(kernels.map(\.name)).count == kernels.count)
    }
}

/// What a machine of the test farm must be able to test: `TARSIER_REQUIRE_ISA`, a comma list such as `avx2,avx512-vnni`.
struct RequiredInstructionSets {
    private let names: [Substring]

    init(_ list: String) {
        names = list.split(separator: ",").map { name in
            name.drop { $0 == " " }.prefix { $0 != " " }
        }
    }

    static func fromEnvironment() -> RequiredInstructionSets {
        RequiredInstructionSets(unsafe getenv("TARSIER_REQUIRE_ISA").map { unsafe String(cString: $0) } ?? "")
    }

    /// - Returns: the names of those for which no kernel ran: unknown, not offered by the CPU, or without a kernel.
    func missing(from features: CPUFeatures) -> [String] {
        names.filter { name in
            if name == "scalar" { return false }
            guard let feature = CPUFeatures.names.first(where: { $0.name == name })?.feature else { return true }
            return !KernelOperation.allCases.contains { operation in
                Kernel.all(operation).contains { $0.needs.contains(feature) && $0.runs(on: features) }
            }
        }.map(String.init)
    }
}
