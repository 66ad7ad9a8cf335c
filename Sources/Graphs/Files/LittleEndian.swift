/// Reads and writes little-endian numbers in bytes. Reading beyond the end traps: callers check lengths first.
///
/// The `unsafe` loads below are bounds-checked by `RawSpan`; they are marked because they reinterpret bytes, which is
/// harmless for integers.
enum LittleEndian {
    @inline(__always) static func byte(_ bytes: RawSpan, at offset: Int) -> UInt8 {
        unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
    }

    @inline(__always) static func uint32(_ bytes: RawSpan, at offset: Int) -> UInt32 {
        UInt32(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    static func uint64(_ bytes: RawSpan, at offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    static func bytes(_ bytes: RawSpan, in range: Range<Int>) -> [UInt8] {
        unsafe bytes.extracting(range).withUnsafeBytes { unsafe Array($0) }
    }

    static func int8s(_ bytes: RawSpan, in range: Range<Int>) -> [Int8] {
        unsafe bytes.extracting(range).withUnsafeBytes { unsafe Array($0.bindMemory(to: Int8.self)) }
    }

    static func int32s(_ bytes: RawSpan, in range: Range<Int>) -> [Int32] { numbers(bytes, in: range) }

    static func floats(_ bytes: RawSpan, in range: Range<Int>) -> [Float] { numbers(bytes, in: range) }

    /// A whole number of elements, copied at once: every machine we build for is little-endian itself.
    private static func numbers<Number: BitwiseCopyable>(_ bytes: RawSpan, in range: Range<Int>) -> [Number] {
        let count = range.count / MemoryLayout<Number>.size
        precondition(range.count == count * MemoryLayout<Number>.size)
        return unsafe [Number](unsafeUninitializedCapacity: count) { numbers, initialized in
            unsafe bytes.extracting(range).withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(numbers).copyMemory(from: source)
            }
            initialized = count
        }
    }

    /// The bytes of an array of integers or floats.
    static func bytes<Number: BitwiseCopyable>(of numbers: [Number]) -> [UInt8] {
        unsafe numbers.withUnsafeBytes { unsafe Array($0) }
    }

    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift))) }
    }
}

#if _endian(big)
#error("model files are copied as they are; a big-endian machine would have to swap their bytes")
#endif
