import CImaging

/// The inner loops, as the CPU can run them; every set gives the same bytes.
@safe struct ImagingKernels: Sendable {
    let name: String
    // Safety: points to a constant of the program.
    private nonisolated(unsafe) let table: UnsafePointer<tsr_imaging_kernels>

    /// Those that this CPU can run, best first; the last is plain.
    static let all: [ImagingKernels] = {
        var list: [ImagingKernels] = []
        var next = unsafe tsr_imaging_all()
        while let entry = unsafe next?.pointee {
            unsafe list.append(ImagingKernels(name: String(cString: entry.pointee.name), table: entry))
            unsafe next = next?.advanced(by: 1)
        }
        return list
    }()

    static let best = all[0]

    var functions: tsr_imaging_kernels { unsafe table.pointee }
}
