/// Kinds of CPUs: on big.LITTLE boards and hybrid x86 some are faster than others.
package struct CoreTypes: Hashable, Sendable {
    package struct Group: Hashable, Sendable {
        /// Relative speed as the kernel has it, 1024 for the fastest; 0 where only the kind is known.
        package let capacity: Int
        /// Numbers of the CPUs, ascending.
        package let cpus: [Int]
    }

    /// Fastest first; one group where all are alike or nothing is known.
    package let groups: [Group]

    /// - Parameter allowed: CPUs the daemon may use; others are left out.
    package init(_ root: SensorRoot = SensorRoot(), allowed: [Int]) {
        var byCapacity: [Int: [Int]] = [:]
        for cpu in allowed {
            if let capacity = root.integer("/sys/devices/system/cpu/cpu\(cpu)/cpu_capacity"), capacity > 0 {
                byCapacity[capacity, default: []].append(cpu)
            }
        }
        let known = byCapacity.values.reduce(0) { $0 + $1.count }
        if known == allowed.count, !byCapacity.isEmpty {
            groups = byCapacity.sorted { $0.key > $1.key }.map { Group(capacity: $0.key, cpus: $0.value.sorted()) }
            return
        }
        let hybrid = ["cpu_core", "cpu_atom"].compactMap { kind in
            root.text("/sys/devices/\(kind)/cpus").flatMap(CPUList.parse)?.filter(allowed.contains)
        }.filter { !$0.isEmpty }
        if hybrid.count == 2 {
            groups = hybrid.map { Group(capacity: 0, cpus: $0.sorted()) }
        } else {
            groups = [Group(capacity: 0, cpus: allowed.sorted())]
        }
    }

    /// CPUs on which an inference's threads advance alike: an inference waits for its slowest thread.
    package var fastest: [Int] { groups[0].cpus }
}
