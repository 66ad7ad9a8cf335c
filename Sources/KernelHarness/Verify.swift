package import Kernels
import LinuxIO

/// Compares kernels with the normative ones: bit for bit, between canaries, and at guard pages.
///
/// Every kernel runs in a child process, so that the report also tells of kernels that crash.
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
    let allowed = features.intersection(.detected)
    for operation in operation.map({ [$0] }) ?? KernelOperation.allCases {
        let chosen = select(Kernel.all(operation), filter)
        report.unsupported += chosen.filter { !$0.runs(on: allowed) }
        let kernels = chosen.filter { $0.runs(on: allowed) }
        if kernels.isEmpty { continue }
        let verification = Verification(operation: operation, seed: seed)
        try verification.warmUp()
        for kernel in kernels { report.rows.append(try verification.row(kernel)) }
    }
    return report
}

/// Kernels whose name is the filter or, when none is, contains it.
private func select(_ kernels: [Kernel], _ filter: String?) -> [Kernel] {
    guard let filter else { return kernels }
    let exact = kernels.filter { $0.name == filter }
    return exact.isEmpty ? kernels.filter { $0.name.contains(filter) } : exact
}

/// One operation's cases and the kernel they are measured against.
private struct Verification {
    private struct Step {
        let test: any KernelCase
        let placement: Placement
    }

    private let reference: Kernel
    private let seed: UInt64
    private let compared: [Step]
    private let guarded: [Step]

    init(operation: KernelOperation, seed: UInt64) {
        reference = .scalar(operation)
        self.seed = seed
        compared = CaseCatalog.cases(of: operation).map { Step(test: $0, placement: .canaries) }
        guarded = CaseCatalog.guardCases(of: operation).flatMap { test in
            [Step(test: test, placement: .beforeGuard), Step(test: test, placement: .afterGuard)]
        }
    }

    /// Fills the Swift runtime's caches with what a child will need; see `ChildProbe`.
    func warmUp() throws(SystemError) {
        for step in guarded where step.placement == .beforeGuard {
            let run = try step.test.prepare(.canaries, seed: 0)
            let expected = Expectation(of: run, by: run.bind(reference))
            _ = expected.flaw(of: run.bind(reference), in: run)
        }
    }

    func row(_ kernel: Kernel) throws(SystemError) -> VerificationReport.Row {
        var row = VerificationReport.Row(kernel: kernel)
        if let failure = try failure(of: kernel, in: compared) {
            row.failures.append(failure)
            return row
        }
        row.cases = compared.count
        if let failure = try failure(of: kernel, in: guarded) {
            row.failures.append(failure)
            return row
        }
        row.guardedCases = guarded.count
        return row
    }

    private func failure(of kernel: Kernel, in steps: [Step]) throws(SystemError) -> VerificationReport.Failure? {
        let outcome = try ChildProbe.run(steps: steps.count) { index in
            let step = steps[index]
            do throws(SystemError) {
                let run = try step.test.prepare(step.placement, seed: HarnessSeed.derive(seed, step.test.label))
                return judge(kernel, step.test, run)
            } catch {
                return "could not be tested: \(error)"
            }
        }
        let failed: Int
        let finding: String
        switch outcome {
        case .passed: return nil
        case .failed(let step, let text): (failed, finding) = (step, text)
        case .died(let step, let cause):
            (failed, finding) = (step, "died (\(cause)), operands \(steps[step].placement.rawValue)")
        }
        return .init(kernel: kernel, label: steps[failed].test.label, finding: finding, seed: seed)
    }

    private func judge(_ kernel: Kernel, _ test: any KernelCase, _ run: PreparedRun) -> String? {
        let expected = Expectation(of: run, by: run.bind(reference))
        if let flaw = expected.ownFlaw { return "the reference \(reference.name) \(flaw)" }
        if test.dataClass == .random && expected.isDegenerate(in: run) {
            return "the case is no test: all outputs are equal"
        }
        return kernel == reference ? nil : expected.flaw(of: run.bind(kernel), in: run)
    }
}
