#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Interprets the part of the pickle language that `torch.save` writes for tensors, and refuses everything else by its
/// name. Nothing a file names is ever looked up, made or called. Language: CPython's Lib/pickletools.py
///
/// Bounds: each byte of the pickle adds at most one value of 16 bytes to the stack, to the memo or to a composite of its
/// own, and the pickle is at most `ImportLimits.pickleBytes` long; composites are numbers into `heap`, so nothing recurses.
struct PickleMachine {
    /// Content of tuples, lists and dictionaries.
    private(set) var heap: [[PickleValue]] = []
    private(set) var tensors: [TorchTensor] = []
    private var storages: [TorchStorage] = []
    private var stack: [PickleValue] = []
    /// Heights of the stack where marks lie.
    private var marks: [Int] = []
    private var memo: [PickleValue] = []
    private let bytes: Data
    private var place = 0

    /// - Parameter bytes: starts at index 0.
    init(_ bytes: Data) { self.bytes = bytes }

    /// Runs to the end.
    /// - Returns: what the pickle builds.
    mutating func run() throws(ImportFault) -> PickleValue {
        guard bytes.count <= ImportLimits.pickleBytes else {
            throw ImportFault("its pickle has \(bytes.count) bytes; \(ImportLimits.pickleBytes) is the limit")
        }
        while true {
            let code = try byte()
            if code == UInt8(ascii: ".") { return try pop() }
            try step(code)
        }
    }

    private mutating func step(_ code: UInt8) throws(ImportFault) {
        switch code {
        case 0x80:
            let version = try byte()
            guard (2...5).contains(version) else { throw ImportFault("its pickle is of protocol \(version)") }
        case 0x95: _ = try integer(8)
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "K"): stack.append(.int(try integer(1)))
        case UInt8(ascii: "M"): stack.append(.int(try integer(2)))
        case UInt8(ascii: "J"): stack.append(.int(Int(Int32(truncatingIfNeeded: try integer(4)))))
        case 0x8a: stack.append(try long(try integer(1)))
        case UInt8(ascii: "G"):
            stack.append(.float(Double(bitPattern: UInt64(bitPattern: Int64(try integer(8))).byteSwapped)))
        case UInt8(ascii: "X"): stack.append(.text(try text(try integer(4))))
        case 0x8c: stack.append(.text(try text(try integer(1))))
        case 0x8d: stack.append(.text(try text(try integer(8))))
        case UInt8(ascii: "B"), UInt8(ascii: "T"): try skipped(try integer(4))
        case UInt8(ascii: "C"), UInt8(ascii: "U"): try skipped(try integer(1))
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: ")"): stack.append(.tuple(allocate([])))
        case UInt8(ascii: "]"): stack.append(.list(allocate([])))
        case UInt8(ascii: "}"): stack.append(.dictionary(allocate([])))
        case 0x8f: stack.append(.other)
        case 0x90: _ = try popMark()
        case UInt8(ascii: "t"): stack.append(.tuple(allocate(try popMark())))
        case UInt8(ascii: "l"): stack.append(.list(allocate(try popMark())))
        case UInt8(ascii: "d"): stack.append(.dictionary(allocate(try pairs(try popMark()))))
        case 0x85...0x87: stack.append(.tuple(allocate(try pop(Int(code) - 0x84))))
        case UInt8(ascii: "0"): _ = try pop()
        case UInt8(ascii: "1"): _ = try popMark()
        case UInt8(ascii: "2"):
            let value = try pop()
            stack += [value, value]
        case UInt8(ascii: "a"): try extend(with: try pop(1))
        case UInt8(ascii: "e"): try extend(with: try popMark())
        case UInt8(ascii: "s"): try extend(with: try pop(2), isPairs: true)
        case UInt8(ascii: "u"): try extend(with: try pairs(try popMark()), isPairs: true)
        case UInt8(ascii: "q"): try remember(try integer(1))
        case UInt8(ascii: "r"): try remember(try integer(4))
        case 0x94: try remember(memo.count)
        case UInt8(ascii: "h"): try recall(try integer(1))
        case UInt8(ascii: "j"): try recall(try integer(4))
        case UInt8(ascii: "c"): stack.append(.global(try global(module: try line(), name: try line())))
        case 0x93:
            let names = try pop(2)
            guard case .text(let module) = names[0], case .text(let name) = names[1] else { throw damaged() }
            stack.append(.global(try global(module: module, name: name)))
        case UInt8(ascii: "Q"):
            storages.append(try storage(try pop()))
            stack.append(.storage(storages.count - 1))
        case UInt8(ascii: "R"), 0x81:
            let call = try pop(2)
            stack.append(try reduce(call[0], call[1]))
        case UInt8(ascii: "b"): try build()
        default:
            throw ImportFault(
                "its pickle uses instruction 0x\(String(code, radix: 16)), which no file of tensors needs; save the state_dict() alone"
            )
        }
    }

    // MARK: Bytes

    private func damaged() -> ImportFault { ImportFault("its pickle is damaged at byte \(place); copy the file again") }

    private mutating func byte() throws(ImportFault) -> UInt8 {
        guard place < bytes.count else { throw ImportFault("its pickle ends early; copy the file again") }
        place += 1
        return bytes[place - 1]
    }

    /// Little-endian, of 1 to 8 bytes; those of 8 may be negative.
    private mutating func integer(_ count: Int) throws(ImportFault) -> Int {
        var value: UInt64 = 0
        for i in 0..<count { value |= UInt64(try byte()) << UInt64(8 * i) }
        return Int(Int64(bitPattern: value))
    }

    /// A length, checked against what is left.
    private mutating func take(_ count: Int) throws(ImportFault) -> Range<Int> {
        guard count >= 0, count <= bytes.count - place else {
            throw ImportFault("its pickle announces \(count) bytes where \(bytes.count - place) are left")
        }
        place += count
        return place - count..<place
    }

    private mutating func text(_ count: Int) throws(ImportFault) -> String {
        String(decoding: bytes[try take(count)], as: UTF8.self)
    }

    private mutating func skipped(_ count: Int) throws(ImportFault) {
        _ = try take(count)
        stack.append(.bytes)
    }

    /// Two's complement of any length.
    private mutating func long(_ count: Int) throws(ImportFault) -> PickleValue {
        guard count <= 8 else {
            _ = try take(count)
            return .other
        }
        let value = try integer(count)
        guard count > 0 && count < 8 else { return .int(value) }
        let shift = 64 - 8 * count
        return .int((value << shift) >> shift)
    }

    private mutating func line() throws(ImportFault) -> String {
        let start = place
        while try byte() != UInt8(ascii: "\n") {
            guard place - start < 256 else { throw damaged() }
        }
        return String(decoding: bytes[start..<place - 1], as: UTF8.self)
    }

    // MARK: Stack, memo and heap

    private mutating func allocate(_ content: [PickleValue]) -> Int {
        heap.append(content)
        return heap.count - 1
    }

    private mutating func pop() throws(ImportFault) -> PickleValue {
        guard stack.count > (marks.last ?? 0), let value = stack.popLast() else { throw damaged() }
        return value
    }

    private mutating func pop(_ count: Int) throws(ImportFault) -> [PickleValue] {
        guard stack.count - (marks.last ?? 0) >= count else { throw damaged() }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popMark() throws(ImportFault) -> [PickleValue] {
        guard let mark = marks.popLast(), mark <= stack.count else { throw damaged() }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private func pairs(_ values: [PickleValue]) throws(ImportFault) -> [PickleValue] {
        guard values.count % 2 == 0 else { throw damaged() }
        return values
    }

    /// Adds to the list or dictionary on top of the stack.
    private mutating func extend(with values: [PickleValue], isPairs: Bool = false) throws(ImportFault) {
        guard stack.count > (marks.last ?? 0) else { throw damaged() }
        switch stack.last {
        case .list(let number) where !isPairs: heap[number] += values
        case .dictionary(let number) where isPairs: heap[number] += values
        case .other: break
        default: throw damaged()
        }
    }

    private mutating func remember(_ number: Int) throws(ImportFault) {
        guard stack.count > (marks.last ?? 0), let value = stack.last, (0...memo.count).contains(number) else {
            throw damaged()
        }
        if number == memo.count { memo.append(value) } else { memo[number] = value }
    }

    private mutating func recall(_ number: Int) throws(ImportFault) {
        guard memo.indices.contains(number) else { throw damaged() }
        stack.append(memo[number])
    }

    // MARK: Objects

    private func global(module: String, name: String) throws(ImportFault) -> PickleGlobal {
        let whole = "\(module).\(name)"
        guard let global = PickleGlobal(whole) else {
            throw ImportFault(
                "refers to \(whole.prefix(120).printable), which is not run here; save tensors alone: torch.save(model.state_dict(), path)"
            )
        }
        return global
    }

    /// `('storage', type, key, location, count)`
    private func storage(_ identity: PickleValue) throws(ImportFault) -> TorchStorage {
        guard case .tuple(let number) = identity, heap[number].count == 5,
            case .text("storage") = heap[number][0], case .global(.storage(let element)) = heap[number][1],
            case .text(let key) = heap[number][2], case .int(let count) = heap[number][4], count >= 0,
            key.utf8.count <= 64
        else {
            throw ImportFault("holds a storage of a kind that this program does not know; save it with torch again")
        }
        return TorchStorage(key: key, element: element, count: count)
    }

    /// A call: what the few names of the whitelist yield.
    private mutating func reduce(_ callee: PickleValue, _ arguments: PickleValue) throws(ImportFault) -> PickleValue {
        guard case .global(let global) = callee, case .tuple(let number) = arguments else { throw damaged() }
        let values = heap[number]
        switch global {
        case .orderedDictionary:
            // Of protocol 2: an empty one, which SETITEMS fills.
            guard values.isEmpty else { throw damaged() }
            return .dictionary(allocate([]))
        case .rebuildTensor: return try tensor(values)
        case .rebuildParameter:
            guard case .tensor? = values.first else { throw damaged() }
            return values[0]
        case .size, .device: return .other
        case .storage: throw damaged()
        }
    }

    /// `(storage, offset, shape, strides, requires_grad, hooks)`
    private mutating func tensor(_ values: [PickleValue]) throws(ImportFault) -> PickleValue {
        guard values.count >= 6, case .storage(let storage) = values[0], case .int(let offset) = values[1],
            case .tuple(let shape) = values[2], case .tuple(let strides) = values[3]
        else { throw ImportFault("holds a tensor that this program cannot read; save it with torch again") }
        guard heap[shape].count <= ImportLimits.rank, heap[shape].count == heap[strides].count else {
            throw ImportFault("holds a tensor of \(heap[shape].count) axes")
        }
        guard tensors.count < ImportLimits.tensors else {
            throw ImportFault("holds more than \(ImportLimits.tensors) tensors")
        }
        let tensor = TorchTensor(
            storage: storages[storage], offset: offset, shape: try whole(heap[shape]), strides: try whole(heap[strides])
        )
        tensors.append(tensor)
        return .tensor(tensors.count - 1)
    }

    private func whole(_ values: [PickleValue]) throws(ImportFault) -> [Int] {
        var integers: [Int] = []
        for value in values {
            guard case .int(let integer) = value, integer >= 0 else { throw damaged() }
            integers.append(integer)
        }
        return integers
    }

    /// State of an object: `_metadata` of a state dict, of no use here.
    private mutating func build() throws(ImportFault) {
        _ = try pop()
        switch stack.last {
        case .dictionary?, .tensor?, .other?: return
        default: throw damaged()
        }
    }
}

extension StringProtocol {
    /// Without control characters, so that a message stays one line.
    var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "?" : $0 }))
    }
}
