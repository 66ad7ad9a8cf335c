#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The members of a zip archive whose members are stored as they are, as `torch.save` writes it. Nothing is unpacked: a
/// member is a range of the file's bytes. Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
struct ZipArchive {
    let bytes: Data
    /// By name.
    private(set) var members: [String: Range<Int>] = [:]

    /// Reads the directory at the end of the file.
    /// - Parameter bytes: starts at index 0.
    init(_ bytes: Data) throws(ImportFault) {
        self.bytes = bytes
        guard let end = ZipArchive.directoryEnd(bytes) else {
            throw ImportFault("is cut short: the directory at its end is missing; copy it again")
        }
        let (count, start) = (bytes.uint16(end + 10), bytes.uint32(end + 16))
        guard count <= ImportLimits.members else {
            throw ImportFault("has \(count) members; \(ImportLimits.members) is the limit")
        }
        var place = start
        for number in 0..<count { try member(number, at: &place, end: end) }
    }

    /// Place of the record that ends every archive; behind it is at most a comment.
    private static func directoryEnd(_ bytes: Data) -> Int? {
        let least = 22
        guard bytes.count >= least else { return nil }
        for place in stride(from: bytes.count - least, through: max(0, bytes.count - least - 0xffff), by: -1)
        where bytes.uint32(place) == 0x0605_4b50 { return place }
        return nil
    }

    private mutating func member(_ number: Int, at place: inout Int, end: Int) throws(ImportFault) {
        guard place >= 0, place + 46 <= end, bytes.uint32(place) == 0x0201_4b50 else {
            throw ImportFault("entry \(number) of its directory is damaged; copy the file again")
        }
        let method = bytes.uint16(place + 10)
        let (packed, size) = (bytes.uint32(place + 20), bytes.uint32(place + 24))
        let (nameLength, extra, comment) = (
            bytes.uint16(place + 28), bytes.uint16(place + 30), bytes.uint16(place + 32)
        )
        let header = bytes.uint32(place + 42)
        let nameStart = place + 46
        guard nameStart + nameLength <= end else {
            throw ImportFault("entry \(number) of its directory is damaged; copy the file again")
        }
        let name = String(decoding: bytes[nameStart..<nameStart + nameLength], as: UTF8.self)
        place = nameStart + nameLength + extra + comment
        guard method == 0 else {
            throw ImportFault(
                "member '\(name.prefix(80))' is compressed; torch.save stores without compression: save it with torch again"
            )
        }
        guard packed == size, header + 30 <= bytes.count, bytes.uint32(header) == 0x0403_4b50 else {
            throw ImportFault("member '\(name.prefix(80))' is damaged; copy the file again")
        }
        let start = header + 30 + bytes.uint16(header + 26) + bytes.uint16(header + 28)
        guard start + size <= bytes.count else {
            throw ImportFault("member '\(name.prefix(80))' lies beyond the end of the file; copy it again")
        }
        guard members.updateValue(start..<start + size, forKey: name) == nil else {
            throw ImportFault("has two members '\(name.prefix(80))'")
        }
    }
}

extension Data {
    /// Little-endian; callers check the length. The data starts at index 0.
    func uint16(_ place: Int) -> Int { Int(self[place]) | Int(self[place + 1]) << 8 }
    func uint32(_ place: Int) -> Int { uint16(place) | uint16(place + 2) << 16 }
}
