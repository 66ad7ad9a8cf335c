import Glibc
import LinuxIO
import Wire

/// Many well-behaved subscribers on one thread, each checked: what came, in which order, how late.
struct Subscribers {
    /// One connection. Reads lines and looks only at what it checks: the reader must not be what is measured.
    private struct Client {
        let socket: CInt
        var rest: [UInt8] = []
        var lastSeq: UInt64 = 0
        var lastState: UInt64?
        var results: UInt64 = 0
        var states: UInt64 = 0
        var isOpen = true
    }

    private var clients: [Client] = []
    private var list = ReadinessList()
    private var block = [UInt8](repeating: 0, count: 1 << 16)
    private(set) var delays = Delays()
    /// Promises that were broken, at most a few of each kind in words.
    private(set) var broken: [String] = []
    private(set) var gaps: UInt64 = 0
    private(set) var dropped: UInt64 = 0
    /// Whether delays are counted now.
    var isMeasuring = false

    mutating func connect(_ count: Int, to path: String, _ request: String) throws {
        for _ in 0..<count {
            var socket: CInt?
            // The queue of connections has an end too; a client then tries again.
            for _ in 0..<2000 where socket == nil {
                do throws(SystemError) { socket = try UnixSocket.connect(to: path).release() } catch {
                    guard error.errno == EAGAIN else { throw error }
                    usleep(1000)
                }
            }
            guard let socket else { throw LoadError("no connection within 2 s: the queue stays full") }
            let bytes = Array(request.utf8)
            _ = unsafe bytes.withUnsafeBytes { unsafe write(socket, $0.baseAddress, $0.count) }
            clients.append(Client(socket: socket))
            list.add(socket)
        }
    }

    /// Reads what comes until `deadlineNs` of the monotonic clock.
    mutating func read(until deadlineNs: UInt64) throws {
        while true {
            let now = MonotonicClock.now()
            guard now < deadlineNs else { return }
            let ready = try list.wait(timeoutMs: Int((deadlineNs - now) / 1_000_000) + 1)
            for place in ready { read(place) }
        }
    }

    private mutating func read(_ place: Int) {
        let socket = clients[place].socket
        let count = unsafe block.withUnsafeMutableBytes { unsafe Glibc.read(socket, $0.baseAddress, $0.count) }
        let now = MonotonicClock.now()
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return }
        guard count > 0 else {
            if clients[place].isOpen { complain("client \(place) was disconnected") }
            clients[place].isOpen = false
            list.ignore(at: place)
            return
        }
        var begin = 0
        if clients[place].rest.isEmpty {
            while let end = block[begin..<count].firstIndex(of: 0x0A) {
                take(block[begin..<end], place, now)
                begin = end + 1
            }
            clients[place].rest = Array(block[begin..<count])
        } else {
            clients[place].rest += block[..<count]
            let bytes = clients[place].rest
            while let end = bytes[begin...].firstIndex(of: 0x0A) {
                take(bytes[begin..<end], place, now)
                begin = end + 1
            }
            clients[place].rest = Array(bytes[begin...])
        }
    }

    private mutating func take(_ line: ArraySlice<UInt8>, _ place: Int, _ nowNs: UInt64) {
        // {"type":"r...: the first letter of the type tells.
        guard line.count > 12 else { return complain("client \(place) was sent a line of \(line.count) bytes") }
        let kind = line[line.startIndex + 9]
        switch (kind, line[line.startIndex + 10], line[line.startIndex + 11]) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e"), UInt8(ascii: "s")): takeResult(line, place, nowNs)
        case (UInt8(ascii: "r"), _, _): return
        case (UInt8(ascii: "g"), _, _):
            gaps += 1
            dropped += UInt64(line.number(after: #""dropped":"#) ?? 0)
        default: takeState(line, place)
        }
    }

    private mutating func takeResult(_ line: ArraySlice<UInt8>, _ place: Int, _ nowNs: UInt64) {
        guard let seq = line.number(after: #""seq":"#), let captured = line.number(after: #""mono_ns":"#),
            let ageMs = line.number(after: #""age":"#)
        else { return complain("client \(place) was sent a result without its fields") }
        if UInt64(seq) <= clients[place].lastSeq { complain("client \(place): seq \(seq) is not above the one before") }
        clients[place].lastSeq = UInt64(seq)
        clients[place].results += 1
        let published = captured + ageMs * 1e6
        if isMeasuring { delays.add(Double(nowNs) - published) }
    }

    private mutating func takeState(_ line: ArraySlice<UInt8>, _ place: Int) {
        guard let number = line.number(after: #""state_seq":"#).map({ UInt64($0) }) else {
            return complain("client \(place) was sent a state event without a number")
        }
        // hello names the last one before it.
        if let last = clients[place].lastState {
            clients[place].states += 1
            if number != last + 1 { complain("client \(place): state event \(number) after \(last)") }
        }
        clients[place].lastState = number
    }

    private mutating func complain(_ text: String) {
        if broken.count < 20 { broken.append(text) }
    }

    var count: Int { clients.count }
    var results: UInt64 { clients.reduce(0) { $0 + $1.results } }
    var states: UInt64 { clients.reduce(0) { $0 + $1.states } }
    /// The state events that the clients saw last; one number when all saw all.
    var lastStates: Set<UInt64> { Set(clients.map { $0.lastState ?? 0 }) }
    var lastSeqs: Set<UInt64> { Set(clients.map(\.lastSeq)) }
    var connected: Int { clients.count { $0.isOpen } }

    mutating func resetDelays() { delays = Delays() }

    func close() { for client in clients { Glibc.close(client.socket) } }
}

extension ArraySlice<UInt8> {
    /// The number behind a key; nil where there is none. Reads plain decimals, which is what the daemon writes.
    func number(after key: StaticString) -> Double? {
        guard var index = end(of: key) else { return nil }
        var value = 0.0
        var scale = 0.0
        while index < endIndex {
            let byte = self[index]
            if byte == UInt8(ascii: ".") {
                scale = 1
            } else if byte >= 0x30 && byte <= 0x39 {
                value = value * 10 + Double(byte - 0x30)
                scale *= 10
            } else {
                break
            }
            index += 1
        }
        return scale > 1 ? value / scale : value
    }

    /// The place behind the first occurrence of a key.
    private func end(of key: StaticString) -> Int? {
        unsafe withUnsafeBufferPointer { bytes in
            let (text, length) = unsafe (key.utf8Start, key.utf8CodeUnitCount)
            var place = 0
            while place + length <= bytes.count {
                var same = 0
                while same < length, unsafe bytes[place + same] == text[same] { same += 1 }
                if same == length { return startIndex + place + length }
                place += 1
            }
            return nil
        }
    }
}

/// A histogram of delays: steps of 10 microseconds up to 100 ms. A fixed size, however many are added.
struct Delays {
    private var counts = [UInt64](repeating: 0, count: 10_001)
    private(set) var total: UInt64 = 0
    private(set) var largestNs = 0.0

    mutating func add(_ ns: Double) {
        counts[Int(max(0, min(10_000, ns / 10_000)))] += 1
        total += 1
        largestNs = max(largestNs, ns)
    }

    /// In milliseconds, rounded up to the step.
    func percentileMs(_ share: Double) -> Double {
        var left = UInt64((Double(total) * share).rounded(.up))
        for (step, count) in counts.enumerated() {
            if count >= left { return Double(step + 1) / 100 }
            left -= count
        }
        return largestNs / 1e6
    }
}
