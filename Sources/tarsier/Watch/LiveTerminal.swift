import Glibc
import LinuxIO
import Synchronization

/// A terminal that is drawn on as a whole, in its alternate screen, without echo and cursor; put back as it was however the program
/// ends, but for SIGKILL.
final class LiveTerminal: Sendable {
    /// What to put back; nil while nothing was changed.
    private static let before = Mutex<termios?>(nil)

    /// The size in characters; 80 x 24 where the terminal does not say.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard unsafe ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Takes the terminal over.
    static func enter() {
        var settings = termios()
        let hasInput = unsafe tcgetattr(0, &settings) == 0
        let isFirst = before.withLock { before in
            defer { before = settings }
            return before == nil
        }
        if isFirst { atexit { LiveTerminal.leave() } }
        if hasInput {
            // Keys come at once and unseen; ^C is a signal still, ^Z a key, so that the screen can be put back first.
            settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
            settings.c_cc.10 = 0  // VSUSP
            unsafe tcsetattr(0, TCSANOW, &settings)
        }
        Terminal.drawing("\u{1b}[?1049h\u{1b}[?25l\u{1b}[2J")
    }

    /// Puts it back; more than once does no harm.
    static func leave() {
        let settings = before.withLock { before in
            defer { before = nil }
            return before
        }
        guard var settings else { return }
        let bytes = Array("\u{1b}[0m\u{1b}[?25h\u{1b}[?1049l".utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(1, $0.baseAddress, $0.count) }
        unsafe tcsetattr(0, TCSANOW, &settings)
    }

    /// Ends the program by a signal, as it would have ended without us, so that a shell sees it.
    static func end(by number: Int32) -> Never {
        leave()
        // Whoever waits for signals has blocked them.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, number)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        signal(number, SIG_DFL)
        raise(number)
        exit(128 + number)
    }

    /// Replaces everything on the screen, in one write.
    static func draw(_ lines: [String]) {
        let body = lines.map { $0 + "\u{1b}[K" }.joined(separator: "\n")
        Terminal.drawing("\u{1b}[H" + body + "\u{1b}[J")
    }

    /// Waits for a key; nil when there are no more.
    static func key() -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = unsafe read(0, &byte, 1)
            if count == 1 { return byte }
            if count < 0 && errno == EINTR { continue }
            return nil
        }
    }
}
