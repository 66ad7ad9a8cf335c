package import Kernels
import LinuxIO

/// Compares kernels with the normative ones: bit for bit, between canaries, and at guard pages.
/// - Parameters:
///   - operation: one operation; nil takes all.
///   - filter: name of a kernel, or a part of several names; nil takes all.
///   - seed: where the random numbers start.
///   - features: kernels that need more are listed as unsupported.
/// - Throws: `SystemError` when there is no memory or no process for the test itself.
package func verify(
    operation: KernelOperation? = nil, filter: String? = nil, seed: UInt64 = HarnessSeed.standard,
    features: CPUFeatures = .detected
) throws -> VerificationReport {
    var report = VerificationReport(seed: seed)
    for operation in operation.map({ [$0] }) ?? KernelOperation.allCases {
        let chosen = select(Kernel.all(operation), filter)
        report.unsupported += chosen.filter { !$0.runs(on: features) }
        let kernels = chosen.filter { $0.runs(on: features) }
        guard !kernels.isEmpty else { continue }
        var rows = kernels.map { VerificationReport.Row(kernel: $0) }
        try compare(&rows, with: .scalar(operation), cases: CaseCatalog.cases(of: operation), seed: seed)
        for index in rows.indices where rows[index].failures.isEmpty {
            try runGuarded(&rows[index], cases: CaseCatalog.guardCases(of: operation), seed: seed)
        }
        report.rows += rows
    }
    return report
}

/// Kernels whose name is the filter or, when none is, contains it.
private func select(_ kernels: [Kernel], _ filter: String?) -> [Kernel] {
    guard let filter else { return kernels }
    let exact = kernels.filter { $0.name == filter }
    return exact.isEmpty ? kernels.filter { $0.name.contains(filter) } : exact
}

/// A kernel that failed this often is not tried further.
private let failureLimit = 3

func compare(
    _ rows: inout [VerificationReport.Row], with reference: Kernel, cases: [any KernelCase], seed: UInt64
) throws(SystemError) {
    for test in cases {
        let run = try test.prepare(.canaries, seed: HarnessSeed.derive(seed, test.label))
        let expected = Expectation(of: run, by: run.bind(reference))
        let isDegenerate = test.dataClass == .random && expected.isDegenerate(in: run)
        for index in rows.indices where rows[index].failures.count < failureLimit {
            let kernel = rows[index].kernel
            var finding = isDegenerate ? "the case is no test: all outputs are equal" : nil
            if finding == nil { finding = expected.ownFlaw.map { "the reference \(reference.name) \($0)" } }
            if finding == nil && kernel != reference { finding = expected.flaw(of: run.bind(kernel), in: run) }
            if let finding {
                rows[index].failures.append(.init(kernel: kernel, label: test.label, finding: finding, seed: seed))
            }
            rows[index].cases += 1
        }
    }
}

func runGuarded(
    _ row: inout VerificationReport.Row, cases: [any KernelCase], seed: UInt64
) throws(SystemError) {
    let kernel = row.kernel
    let placements = [Placement.beforeGuard, .afterGuard]
    let outcome = try ChildProbe.run(steps: placements.count * cases.count) { step in
        let test = cases[step / placements.count]
        guard
            let run = try? test.prepare(
                placements[step % placements.count], seed: HarnessSeed.derive(seed, test.label))
        else { return false }
        let expected = Expectation(of: run, by: run.bind(.scalar(test.operation)))
        return expected.ownFlaw == nil && expected.flaw(of: run.bind(kernel), in: run) == nil
    }
    row.guardedCases += placements.count * cases.count
    let step: Int
    let finding: String
    switch outcome {
    case .passed: return
    case .failed(let failed): (step, finding) = (failed, "other bytes than between canaries")
    case .died(let failed, let cause): (step, finding) = (failed, "reached beyond an operand (\(cause))")
    }
    row.failures.append(
        .init(
            kernel: kernel, label: cases[step / placements.count].label,
            finding: "\(finding), operands \(placements[step % placements.count].rawValue)", seed: seed))
}
