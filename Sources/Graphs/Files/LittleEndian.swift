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

    static func int32s(_ bytes: RawSpan, in range: Range<Int>) -> [Int32] {
        stride(from: range.lowerBound, to: range.upperBound, by: 4).map { Int32(bitPattern: uint32(bytes, at: $0)) }
    }

    static func floats(_ bytes: RawSpan, in range: Range<Int>) -> [Float] {
        stride(from: range.lowerBound, to: range.upperBound, by: 4).map { Float(bitPattern: uint32(bytes, at: $0)) }
    }

    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift))) }
    }

    static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
    }
}
