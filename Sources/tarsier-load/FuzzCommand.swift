import ArgumentParser
import LinuxIO
import Synchronization
import Tensors
import Wire

/// Wrong requests by the million for the parser that the daemon uses.
struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz", abstract: "Feeds the request parser broken lines; any crash ends the program.")

    @Option(help: "Lines.")
    var inputs = 5_000_000

    @Option(help: "Where the random numbers begin.")
    var seed: UInt64 = 1

    func run() throws {
        let workers = 2
        let totals = Mutex(Tally())
        let begin = MonotonicClock.now()
        let threads = try (0..<workers).map { worker in
            try NamedThread(name: "fuzz", stackBytes: 1 << 23) { [inputs, seed] in
                var fuzzer = Fuzzer(seed: seed &+ UInt64(worker) &* 0x9E37_79B9)
                let share = inputs / workers + (worker < inputs % workers ? 1 : 0)
                let tally = fuzzer.run(share)
                totals.withLock { $0.add(tally) }
            }
        }
        for thread in threads { thread.join() }
        let tally = totals.withLock { $0 }
        let seconds = Double(MonotonicClock.now() - begin) / 1e9
        print(
            "\(tally.understood + tally.refused) inputs in \(Int(seconds)) s, seed \(seed): \(tally.understood) "
                + "understood, \(tally.refused) refused with a reason, \(tally.unstable) that did not come back the same"
        )
        guard tally.understood + tally.refused == inputs else { throw LoadError("some inputs were not answered") }
        guard tally.unstable == 0 else { throw LoadError("a request changed on its way through the encoder") }
        guard tally.worstMessage < 600 else { throw LoadError("a refusal of \(tally.worstMessage) bytes") }
        guard tally.understood > 0, tally.refused > 0 else { throw LoadError("the inputs are all alike") }
    }
}

private struct Tally {
    var understood = 0
    var refused = 0
    var unstable = 0
    var worstMessage = 0

    mutating func add(_ other: Tally) {
        understood += other.understood
        refused += other.refused
        unstable += other.unstable
        worstMessage = max(worstMessage, other.worstMessage)
    }
}

/// Makes lines: sound ones, and those with bytes changed, cut, repeated, swapped for other tokens, nested deep.
private struct Fuzzer {
    private var random: SplitMix64
    private static let seeds = [
        #"{"op":"subscribe","id":1,"events":["result","power","camera","presence"],"labels":["cat","dog"],"min_score":0.6,"mode":"every","max_rate":5,"top_k":3,"fields":["label","score"],"resume":{"run":"abc","state_seq":17}}"#,
        #"{"op":"set","id":"x","values":{"rate":5,"threads":"auto","on":true}}"#, #"{"op":"status","id":2}"#,
        #"{"op":"metrics"}"#, #"{"op":"labels","id":null}"#, #"{"op":"ping","id":"still there?"}"#,
    ].map { Array($0.utf8) }
    private static let tokens = [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "null", "true", "false", "-1", "1e999", "1e-999", "0.1",
        "9223372036854775808",
        "-9223372036854775809", "NaN", "\\u0000", "\\ud800", "\u{FEFF}", "\u{2028}", "\"op\"", "\"subscribe\"",
        "\"id\"",
        "\"labels\"", "\"top_k\"", "\"max_rate\"", "\"values\"", "\"resume\"", "{\"a\":", "[[[[[[[[",
    ].map { Array($0.utf8) }

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func run(_ count: Int) -> Tally {
        var tally = Tally()
        for _ in 0..<count {
            let line = next()
            do throws(RequestError) {
                let request = try ClientRequest(line: line)
                tally.understood += 1
                if !comesBack(request) { tally.unstable += 1 }
            } catch {
                tally.refused += 1
                tally.worstMessage = max(tally.worstMessage, error.error.message.utf8.count)
            }
        }
        return tally
    }

    /// What was understood must encode to something that is understood, and from then on stay the same.
    private func comesBack(_ request: ClientRequest) -> Bool {
        guard let once = try? ClientRequest(line: request.encodeLine()) else {
            // Rounding may push a tiny number to 0, which some fields refuse; all else must come back.
            return request.hasTinyNumber
        }
        return (try? ClientRequest(line: once.encodeLine())) == once
    }

    private mutating func next() -> [UInt8] {
        var line = Fuzzer.seeds[Int.random(in: 0..<Fuzzer.seeds.count, using: &random)]
        for _ in 0..<Int.random(in: 0...4, using: &random) { change(&line) }
        return line
    }

    private mutating func change(_ line: inout [UInt8]) {
        let place = Int.random(in: 0...line.count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: if place < line.count { line[place] = UInt8.random(in: 0...255, using: &random) }
        case 1: line.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2: if place < line.count { line.remove(at: place) }
        case 3: line.removeSubrange(place...)
        case 4:
            let token = Fuzzer.tokens[Int.random(in: 0..<Fuzzer.tokens.count, using: &random)]
            let end = min(line.count, place + Int.random(in: 0...6, using: &random))
            line.replaceSubrange(place..<end, with: token)
        case 5: line.insert(contentsOf: line[place...].prefix(40), at: place)
        default:
            // Now and then very deep or very long.
            if Int.random(in: 0..<500, using: &random) == 0 {
                let byte: UInt8 = [0x5B, 0x7B, 0x22, 0x31].randomElement(using: &random) ?? 0x5B
                line.insert(
                    contentsOf: [UInt8](repeating: byte, count: Int.random(in: 1...30_000, using: &random)), at: place)
            }
        }
    }
}

extension ClientRequest {
    fileprivate var hasTinyNumber: Bool {
        guard case .subscribe(let subscription) = operation else { return false }
        return subscription.maxRate.map { $0 < 1e-5 } ?? false
    }
}
