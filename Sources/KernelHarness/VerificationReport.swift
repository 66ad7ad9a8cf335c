package import Kernels

/// What `verify` found.
package struct VerificationReport: Sendable {
    /// One kernel that did not do what the normative one does.
    package struct Failure: Sendable, CustomStringConvertible {
        package let kernel: Kernel
        /// Shape, variant and class of data.
        package let label: String
        /// What happened, with a map of the differing bytes where bytes differ.
        package let finding: String
        /// The run's seed.
        package let seed: UInt64

        package var description: String {
            """
            \(kernel.name): \(finding)
              case \(label), seed \(seed)
              again: \(HarnessSeed.rerun(seed, filter: "KernelTests"))
            """
        }
    }

    /// One kernel and what it went through.
    package struct Row: Sendable {
        package let kernel: Kernel
        /// Cases compared with the normative kernel.
        package var cases = 0
        /// Cases run against guard pages, at either end.
        package var guardedCases = 0
        package var failures: [Failure] = []
    }

    package let seed: UInt64
    /// Kernels that ran, in table order.
    package internal(set) var rows: [Row] = []
    /// Kernels this CPU cannot run (or the mask forbids): not verified.
    package internal(set) var unsupported: [Kernel] = []

    package var failures: [Failure] { rows.flatMap(\.failures) }
    /// Whether anything ran and everything that ran is right.
    package var passed: Bool { !rows.isEmpty && failures.isEmpty }
}

extension VerificationReport: CustomStringConvertible {
    package var description: String {
        let lines =
            rows.map { row in
                let verdict = row.failures.isEmpty ? "ok  " : "FAIL"
                return "\(verdict) \(row.kernel.name): \(row.cases) cases, \(row.guardedCases) at guard pages"
            }
            + unsupported.map { "not run \($0.name): needs \($0.needs.description)" }
            + failures.map(\.description)
        return (["seed \(seed)"] + lines).joined(separator: "\n")
    }
}
