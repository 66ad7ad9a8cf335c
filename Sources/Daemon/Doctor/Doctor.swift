internal import LinuxIO

/// Looks for what keeps Tarsier from working on this machine; each problem comes with the command that mends it. Changes nothing.
package struct Doctor {
    /// What is looked at; replaced by tests.
    package struct Machine: Sendable {
        /// In front of every path in /dev, /sys, /proc, /etc and /run.
        package var root = ""
        /// For commands that name the user.
        package var user: String
        package var isRoot: Bool
        /// Numbers of the groups the user is in.
        package var groups: Set<UInt32>
        /// What a command of the shell prints; empty where it cannot be run.
        package var output: @Sendable (String) -> String

        package init(
            root: String = "", user: String, isRoot: Bool, groups: Set<UInt32>,
            output: @escaping @Sendable (String) -> String
        ) {
            self.root = root
            self.user = user
            self.isRoot = isRoot
            self.groups = groups
            self.output = output
        }

        func text(_ path: String) -> String? {
            (try? SmallFile.bytes(at: root + path)).map { String(decoding: $0, as: UTF8.self) }
        }

        /// The number of a group by /etc/group.
        func group(_ name: String) -> UInt32? {
            for line in text("/etc/group")?.split(separator: "\n") ?? [] {
                let fields = line.split(separator: ":", omittingEmptySubsequences: false)
                if fields.count >= 3, fields[0] == name { return UInt32(fields[2]) }
            }
            return nil
        }
    }

    let machine: Machine
    let configuration: Configuration
    /// As the command that mends it must name it.
    let configurationPath: String

    package init(_ machine: Machine, _ configuration: Configuration, configurationPath: String) {
        self.machine = machine
        self.configuration = configuration
        self.configurationPath = configurationPath
    }

    /// Everything, in the order in which things depend on one another.
    package func examine() -> [Finding] {
        processor() + sensors() + settings() + model() + camera() + socket() + unit()
    }
}
