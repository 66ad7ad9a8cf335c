#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tensors of a `.pt` or `.pth` file of PyTorch 1.6 and later: a zip archive of one pickle and one member a storage.
struct TorchArchive: TensorSource {
    let names: [String]
    private let tensors: [String: TorchTensor]
    private let archive: ZipArchive
    /// Folder within the archive, with a slash at its end.
    private let root: String

    /// Keys below which training code keeps the weights, tried in this order.
    static let wrappers = ["state_dict", "model_state_dict", "model", "state_dict_ema", "model_ema", "net", "weights"]
    /// What wrappers of modules put before every name.
    static let prefixes = ["module.", "_orig_mod."]

    /// - Parameter bytes: start at index 0.
    init(_ bytes: Data) throws(ImportFault) {
        archive = try ZipArchive(bytes)
        let suffix = "data.pkl"
        guard let pickle = archive.members.keys.filter({ $0 == suffix || $0.hasSuffix("/\(suffix)") }).min() else {
            throw ImportFault("is a zip archive without data.pkl, so no file of torch.save")
        }
        root = String(pickle.dropLast(suffix.count))
        guard archive.members["\(root)constants.pkl"] == nil else {
            throw ImportFault("is a TorchScript program, which is not run here; save its state_dict() with torch.save")
        }
        if let order = archive.members["\(root)byteorder"], bytes[order] != Data("little".utf8) {
            throw ImportFault("is of a big-endian machine; save it on a little-endian one")
        }
        var machine = PickleMachine(Data(bytes[archive.members[pickle] ?? 0..<0]))
        let top = try machine.run()
        (names, tensors) = try TorchArchive.tensors(of: top, machine)
    }

    /// The tensors of the dictionary at the top, or of one that it wraps.
    private static func tensors(
        of top: PickleValue, _ machine: PickleMachine
    ) throws(ImportFault) -> (names: [String], tensors: [String: TorchTensor]) {
        guard case .dictionary(var number) = top else {
            throw ImportFault("holds no dictionary of tensors; save model.state_dict()")
        }
        // A wrapper may be in a wrapper, not more.
        for _ in 0..<2 {
            let entries = entries(machine.heap[number])
            if entries.contains(where: { if case .tensor = $0.value { true } else { false } }) { break }
            let inner = wrappers.lazy.compactMap { key -> Int? in
                guard case .dictionary(let inner)? = entries.last(where: { $0.name == key })?.value else { return nil }
                return inner
            }.first
            guard let inner else {
                let keys = entries.prefix(8).map { $0.name.prefix(40).printable }.joined(separator: ", ")
                throw ImportFault(
                    "holds no tensors at its top nor below \(wrappers.joined(separator: ", ")); its keys: \(keys)")
            }
            number = inner
        }
        var (names, tensors) = ([String](), [String: TorchTensor]())
        for (name, value) in entries(machine.heap[number]) {
            guard case .tensor(let index) = value else { continue }
            var name = Substring(name)
            while let prefix = prefixes.first(where: { name.hasPrefix($0) }) { name = name.dropFirst(prefix.count) }
            if tensors.updateValue(machine.tensors[index], forKey: String(name)) == nil { names.append(String(name)) }
        }
        guard !names.isEmpty else { throw ImportFault("holds no tensors; save model.state_dict()") }
        return (names, tensors)
    }

    private static func entries(_ content: [PickleValue]) -> [(name: String, value: PickleValue)] {
        stride(from: 0, to: content.count - 1, by: 2).compactMap { i in
            guard case .text(let name) = content[i], name.utf8.count <= ImportLimits.nameBytes else { return nil }
            return (name, content[i + 1])
        }
    }

    var byteCount: Int { archive.bytes.count }

    func shape(of name: String) -> [Int]? { tensors[name]?.shape }

    func floats(of name: String) throws(ImportFault) -> [Float] {
        guard let tensor = tensors[name] else { throw ImportFault("tensor \(name.prefix(80)): is missing") }
        func bad(_ message: String) -> ImportFault {
            ImportFault("tensor \(name.prefix(80).printable): \(message)")
        }
        let storage = tensor.storage
        guard let member = archive.members["\(root)data/\(storage.key)"] else {
            throw bad("its storage \(storage.key.prefix(40).printable) is not in the archive; copy the file again")
        }
        let stored = member.count / storage.element.bytes
        guard storage.count <= stored else {
            throw bad("announces \(storage.count) elements where the archive holds \(stored); copy the file again")
        }
        guard let count = tensor.count, count <= storage.count else {
            throw bad("shape \(tensor.shape) has more elements than its storage of \(storage.count)")
        }
        guard let span = tensor.span, tensor.offset >= 0, span <= storage.count,
            tensor.offset <= storage.count - span
        else {
            throw bad(
                "offset \(tensor.offset) and strides \(tensor.strides) lead outside its storage of \(storage.count)")
        }
        let size = storage.element.bytes
        return unsafe archive.bytes.withUnsafeBytes { all in
            let first = member.lowerBound + tensor.offset * size
            let part = unsafe UnsafeRawBufferPointer(rebasing: all[first..<first + span * size])
            let flat = unsafe ElementDecoding.floats(part, storage.element, count: span)
            return tensor.isContiguous ? flat : tensor.places(count: count).map { flat[$0] }
        }
    }
}

extension TorchTensor {
    /// Elements; nil when that overflows.
    var count: Int? {
        var count = 1
        for extent in shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: extent)
            guard !overflows else { return nil }
            count = product
        }
        return count
    }

    /// Elements of the storage from the first to the last; nil when that overflows.
    var span: Int? {
        if shape.contains(0) { return 0 }
        var last = 0
        for (extent, stride) in zip(shape, strides) {
            let (product, overflows) = (extent - 1).multipliedReportingOverflow(by: stride)
            let (sum, overflowsToo) = last.addingReportingOverflow(product)
            guard !overflows, !overflowsToo, sum < .max else { return nil }
            last = sum
        }
        return last + 1
    }

    var isContiguous: Bool {
        var expected = 1
        for (extent, stride) in zip(shape, strides).reversed() {
            guard extent == 1 || stride == expected else { return false }
            expected *= extent
        }
        return true
    }

    /// Where each element lies, from the first on, the last axis fastest.
    func places(count: Int) -> [Int] {
        var places: [Int] = [0]
        for (extent, stride) in zip(shape, strides) {
            places = places.flatMap { start in (0..<extent).map { start + $0 * stride } }
        }
        precondition(places.count == count)
        return places
    }
}
