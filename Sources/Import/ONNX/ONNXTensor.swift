#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ForeignTensor {
    /// Reads a tensor of an ONNX file: floats of 16, 32 or 64 bits, whole numbers of 8, 32 or 64 bits, booleans.
    init(_ proto: Onnx_TensorProto) throws(ImportFault) {
        let name = proto.name.isEmpty ? "a constant" : "tensor \(proto.name.prefix(80))"
        guard proto.dataLocation == 0 else {
            throw ImportFault("\(name): its data lies in another file; export the model as one file")
        }
        guard proto.dims.count <= ImportLimits.rank, proto.dims.allSatisfy({ $0 >= 0 }) else {
            throw ImportFault("\(name): shape \(proto.dims.prefix(9)) is not a shape")
        }
        var count = 1
        for extent in proto.dims {
            let (product, overflows) = count.multipliedReportingOverflow(by: Int(extent))
            guard !overflows else { throw ImportFault("\(name): shape \(proto.dims) overflows") }
            count = product
        }
        let raw = proto.rawData
        func elements<Element: FixedWidthInteger>(_ type: Element.Type) throws(ImportFault) -> [Element] {
            let size = MemoryLayout<Element>.size
            guard raw.count % size == 0, raw.count / size == count else {
                throw ImportFault("\(name): holds \(raw.count) bytes where \(count) elements of \(size) are needed")
            }
            return unsafe raw.withUnsafeBytes { bytes in
                (0..<count).map {
                    unsafe Element(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: Element.self))
                }
            }
        }
        func check<Element>(_ values: [Element]) throws(ImportFault) -> [Element] {
            guard values.count == count else {
                throw ImportFault("\(name): holds \(values.count) elements where \(count) are needed")
            }
            return values
        }
        let values: Elements
        switch proto.dataType {
        case 1:
            values = .floats(
                raw.isEmpty
                    ? try check(proto.floatData) : try elements(UInt32.self).map { Float(bitPattern: $0) })
        case 10:
            let bits =
                raw.isEmpty
                ? try check(proto.int32Data).map { UInt16(truncatingIfNeeded: $0) } : try elements(UInt16.self)
            values = .floats(bits.map { ForeignTensor.half($0) })
        case 11:
            values = .floats(
                raw.isEmpty
                    ? try check(proto.doubleData).map { Float($0) }
                    : try elements(UInt64.self).map { Float(Double(bitPattern: $0)) })
        case 2, 9:
            values = .integers(
                raw.isEmpty ? try check(proto.int32Data).map { Int($0) } : try elements(UInt8.self).map { Int($0) })
        case 3:
            values = .integers(
                raw.isEmpty ? try check(proto.int32Data).map { Int($0) } : try elements(Int8.self).map { Int($0) })
        case 6:
            values = .integers(
                raw.isEmpty ? try check(proto.int32Data).map { Int($0) } : try elements(Int32.self).map { Int($0) })
        case 7:
            values = .integers(
                raw.isEmpty ? try check(proto.int64Data).map { Int($0) } : try elements(Int64.self).map { Int($0) })
        default:
            throw ImportFault(
                "\(name): elements of ONNX type \(proto.dataType) are not supported; float32, or int8 in QDQ format, is"
            )
        }
        self.init(shape: proto.dims.map { Int($0) }, elements: values)
        isUnsignedByte = proto.dataType == 2
    }

    /// The value of a 16-bit float (IEEE 754 binary16).
    static func half(_ bits: UInt16) -> Float {
        let sign: Float = bits >> 15 == 1 ? -1 : 1
        let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 1023))
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
        }
    }
}
