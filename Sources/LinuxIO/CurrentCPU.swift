internal import CLinux

/// The CPU that the calling thread runs on.
package enum CurrentCPU {
    /// Its number, at the moment of asking; nil where the kernel does not tell.
    package static var index: Int? {
        let cpu = tsr_current_cpu()
        return cpu < 0 ? nil : Int(cpu)
    }

    /// Moves the calling thread to a CPU that the process may use (as its main thread may) and whose bit is not set, and
    /// restricts it to those. The first 64 CPUs have bits, CPU 0 the lowest.
    /// - Returns: whether it moved; false when no such CPU is left or the kernel refuses.
    package static func leave(_ occupied: UInt64) -> Bool { tsr_leave_cpus(occupied) == 1 }
}
