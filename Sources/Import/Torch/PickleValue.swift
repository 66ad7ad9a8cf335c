/// What a pickle builds. Composite values are numbers into `PickleMachine.heap`, so that however deep a file nests them,
/// no recursion follows them.
enum PickleValue {
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case text(String)
    /// A byte string; what is in it never matters.
    case bytes
    /// A name that a whitelist knows.
    case global(PickleGlobal)
    case tuple(Int)
    case list(Int)
    /// Keys and values take turns.
    case dictionary(Int)
    /// Number into `PickleMachine.storages`.
    case storage(Int)
    /// Number into `PickleMachine.tensors`.
    case tensor(Int)
    /// A whole number beyond 64 bits, a set, a device: allowed, of no use.
    case other
}

/// The names that a file may refer to. Nothing is looked up or called: each stands for a rule of the machine.
enum PickleGlobal: Hashable {
    case orderedDictionary
    case rebuildTensor
    case rebuildParameter
    case size
    case device
    case storage(TorchElement)

    /// - Parameter name: module and name with a point between them.
    init?(_ name: String) {
        switch name {
        case "collections.OrderedDict": self = .orderedDictionary
        case "torch._utils._rebuild_tensor_v2": self = .rebuildTensor
        case "torch._utils._rebuild_parameter": self = .rebuildParameter
        case "torch.Size": self = .size
        case "torch.device": self = .device
        default:
            guard let element = TorchElement(storage: name) else { return nil }
            self = .storage(element)
        }
    }
}

/// Elements in one member of the archive.
struct TorchStorage {
    /// Of the member, `data/KEY`.
    var key: String
    var element: TorchElement
    /// Elements.
    var count: Int
}

/// A view of a storage.
struct TorchTensor {
    var storage: TorchStorage
    /// First element.
    var offset: Int
    /// Extents, outermost first.
    var shape: [Int]
    /// Elements from one index to the next, of each axis.
    var strides: [Int]
}

/// Types of elements that PyTorch stores.
enum TorchElement: String {
    case float16 = "Half"
    case bfloat16 = "BFloat16"
    case float32 = "Float"
    case float64 = "Double"
    case int8 = "Char"
    case uint8 = "Byte"
    case int16 = "Short"
    case int32 = "Int"
    case int64 = "Long"
    case bool = "Bool"

    init?(storage name: String) {
        guard name.hasPrefix("torch."), name.hasSuffix("Storage") else { return nil }
        self.init(rawValue: String(name.dropFirst("torch.".count).dropLast("Storage".count)))
    }

    var bytes: Int {
        switch self {
        case .int8, .uint8, .bool: 1
        case .float16, .bfloat16, .int16: 2
        case .float32, .int32: 4
        case .float64, .int64: 8
        }
    }
}
