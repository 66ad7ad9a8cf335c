import Glibc
import LinuxIO

/// Bytes of a file or of standard input, read block by block; a wait for more can be interrupted.
final class ByteStream {
    private let file: Descriptor
    private let source: String
    private let interruption: Interruption
    private var block = [UInt8](repeating: 0, count: 1 << 16)

    /// - Parameter path: "-" is standard input.
    init(path: String, source: String, interruption: Interruption) throws(CaptureError) {
        self.source = source
        self.interruption = interruption
        do throws(SystemError) {
            if path == "-" {
                file = Descriptor(owning: try retrying("dup") { fcntl(0, F_DUPFD_CLOEXEC, 3) })
            } else {
                // Non-blocking, so that opening a pipe without a writer does not hang.
                file = try Descriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
                if try file.status().kind == .directory { throw SystemError(call: "open", errno: EISDIR) }
            }
        } catch {
            throw CaptureError(error, source: source)
        }
    }

    /// Gives the next bytes to `body`. False at the end, and after an interruption.
    func read(_ body: (ArraySlice<UInt8>) -> Void) throws(CaptureError) -> Bool {
        do throws(SystemError) {
            while !interruption.isRaised {
                if try interruption.signal.wait(for: file.raw) == .raised { return false }
                let count: Int
                do throws(SystemError) {
                    var span = block.mutableSpan
                    count = try file.read(into: &span)
                } catch {
                    if error.errno == EAGAIN { continue }
                    throw error
                }
                if count > 0 { body(block[..<count]) }
                return count > 0
            }
            return false
        } catch {
            throw CaptureError(error, source: source)
        }
    }
}
