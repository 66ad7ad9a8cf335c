internal import Engine
internal import Kernels
internal import LinuxIO
internal import Planning
internal import Wire

extension Doctor {
    /// What the CPU offers, which kernels that chooses, and how much of it we may use.
    func processor() -> [Finding] {
        let features = configuration.run.features
        let allowed = AllowedCPUs.count
        let kernels =
            "\(features.highestStep) kernels on \(allowed) CPU\(allowed == 1 ? "" : "s") (\(features.description))"
        var findings: [Finding] = []
        let trust = KernelTrust(features)
        if let remark = trust.remark {
            findings.append(.problem("kernels", remark, command: "tarsier inspect cpu"))
        }
        if features != .detected {
            findings.append(
                .note(
                    "cpu", "\(kernels); this CPU could do \(CPUFeatures.detected.highestStep), cpu-mask forbids it",
                    command: "sudo sed -i '/^cpu-mask/d' \(configurationPath) && sudo systemctl reload tarsier"))
        } else if features.isEmpty {
            findings.append(
                .note(
                    "cpu", "plain C only: nothing that the kernels know; a tenth of the usual speed", command: "lscpu"))
        } else {
            let milliseconds = (Double(trust.elapsedNs) / 1e5).rounded() / 10
            findings.append(.fine("cpu", "\(kernels), checked against plain C in \(milliseconds) ms"))
        }
        if case .fixed(let threads) = configuration.run.threads, threads > allowed {
            findings.append(
                .problem(
                    "threads",
                    "threads = \(threads), but only \(allowed) CPUs are allowed: they would wait for each other",
                    command: "sudo sed -i 's/^threads *=.*/threads = auto/' \(configurationPath) && "
                        + "sudo systemctl reload tarsier"))
        }
        return findings
    }

    func settings() -> [Finding] {
        if configuration.problems.isEmpty {
            return [
                .fine("configuration", configurationPath + ", \(configuration.given.count) settings not at default")
            ]
        }
        return configuration.problems.map { problem in
            let command: String
            switch problem.origin {
            case .file(let path, let line): command = line > 0 ? "sudoedit +\(line) \(path)" : "sudoedit \(path)"
            case .environment(let name): command = "unset \(name)"
            case .flag, .standard: command = "tarsier run --help"
            }
            return .problem("configuration", problem.description, command: command)
        }
    }

    /// Whether the model can be read, planned and computes as plain C does.
    func model() -> [Finding] {
        do throws(Failure) {
            let prepared = try PreparedModel(configuration.run, isChecked: true)
            return [.fine("model", "\(prepared.path), \(prepared.info.labels) labels, self-check passed")]
        } catch {
            let command =
                configuration.run.model == nil
                ? "sudo apt-get install --reinstall tarsier"
                : "sudo sed -i '/^model/d' \(configurationPath) && sudo systemctl reload tarsier"
            return [.problem("model", error.message, command: command)]
        }
    }
}
