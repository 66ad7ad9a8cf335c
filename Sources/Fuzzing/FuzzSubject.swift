/// Something that takes bytes from outside and must survive any of them: no trap, no memory beyond a bound, no hang.
///
/// `tarsier-fuzz` drives it with libFuzzer, the tests with the inputs kept in `Tests/fuzz`. A promise that is broken ends
/// the process with a message, as a fuzzer expects.
package protocol FuzzSubject: SendableMetatype {
    /// As the command line names it.
    static var name: String { get }
    /// Small sound inputs to begin with, made anew and never read from files.
    static var seeds: [[UInt8]] { get throws }
    /// Largest input worth trying, in bytes.
    static var limit: Int { get }
    /// Words of its language, for a fuzzer's dictionary; printable ASCII.
    static var words: [String] { get }

    init() throws
    /// Takes the input as the program would; whether it was accepted.
    mutating func accepts(_ input: [UInt8]) -> Bool
}

extension FuzzSubject {
    package static var limit: Int { 4096 }
    package static var words: [String] { [] }
}

/// Every subject there is, by name.
package enum FuzzSubjects {
    package static let all: [any FuzzSubject.Type] = [
        ModelSubject.self, WeightsSubject.self, RequestSubject.self, MessageSubject.self, ConfigurationSubject.self,
        TuningSubject.self, JPEGSubject.self, CameraFrameSubject.self, MJPEGStreamSubject.self, Y4MStreamSubject.self,
        SensorSubject.self,
    ]

    package static func named(_ name: String) -> (any FuzzSubject.Type)? { all.first { $0.name == name } }
}

/// Words of JSON that parsers trip over.
let jsonWords = [
    "null", "true", "false", "-1", "1e999", "-0", "0.1", "9223372036854775808", "-9223372036854775809", "1e-999",
    "\\u0000", "\\ud800", "\\udc00", "[[[[[[[[", "{\"a\":", "[]", "{}", "\",\"", "\":\"",
]

/// Ends the process when a promise is broken.
func promise(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { fatalError("broken promise: \(what())") }
}
