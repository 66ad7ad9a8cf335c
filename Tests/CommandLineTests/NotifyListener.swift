import Foundation
import Testing

/// The service manager's ear: a datagram socket that programs under test report to.
final class NotifyListener: Sendable {
    let path: String
    private let descriptor: Int32

    /// - Parameter name: a path, or `@name` for an abstract one.
    init(_ name: String) throws {
        path = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        let isAbstract = bytes.first == UInt8(ascii: "@")
        if isAbstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count + (isAbstract ? 0 : 1))
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0, "bind \(name): \(errno)")
    }

    deinit { close(descriptor) }

    /// The next message, waited for at most so long; nil when none came.
    func next(seconds: Double = 60) -> String? {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, Int32(seconds * 1000)) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return count >= 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }

    /// Messages up to the first that fits, that one last. Fails the test where none comes.
    func messages(until fits: (String) -> Bool) throws -> [String] {
        var seen: [String] = []
        while let message = next() {
            seen.append(message)
            if fits(message) { return seen }
        }
        Issue.record("no such message after \(seen)")
        throw CancellationError()
    }
}
