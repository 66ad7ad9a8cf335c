/// Floats that one thread works with: grows when more are asked for, never shrinks, so that a second picture allocates
/// nothing.
@safe final class FloatBuffer {
    /// Elements in use.
    private(set) var count = 0
    private var memory: UnsafeMutableBufferPointer<Float>

    init(count: Int = 0) {
        unsafe memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: max(count, 1))
        unsafe memory.initialize(repeating: 0)
        self.count = count
    }

    convenience init(_ elements: [Float]) {
        self.init(count: elements.count)
        unsafe withElements { target in for i in elements.indices { unsafe target[i] = elements[i] } }
    }

    deinit { unsafe memory.deallocate() }

    /// Sets the number of elements; their values are whatever was there.
    func resize(to count: Int) {
        if unsafe count > memory.count {
            unsafe memory.deallocate()
            unsafe memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
            unsafe memory.initialize(repeating: 0)
        }
        self.count = count
    }

    /// The elements, for the time of the call.
    func withElements<Result>(_ body: (UnsafeMutableBufferPointer<Float>) -> Result) -> Result {
        unsafe body(UnsafeMutableBufferPointer(rebasing: memory[..<count]))
    }

    /// A copy of the elements.
    var elements: [Float] { unsafe withElements { unsafe Array($0) } }

    /// Takes the elements of another buffer.
    func copy(_ other: FloatBuffer) {
        resize(to: other.count)
        unsafe withElements { target in
            unsafe other.withElements { source in _ = unsafe target.update(fromContentsOf: source) }
        }
    }
}
