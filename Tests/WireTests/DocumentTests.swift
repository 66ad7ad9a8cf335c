import FoundationEssentials
import Testing
import Wire

/// `docs/wire.md` shows what is really sent.
struct DocumentTests {
    /// The fenced blocks of one language, as lines.
    private func blocks(_ language: String) throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = String(decoding: try Data(contentsOf: root.appending(path: "docs/wire.md")), as: UTF8.self)
        var (lines, isInside) = ([String](), false)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside = line == "```" + language
            } else if isInside {
                lines.append(String(line))
            }
        }
        return lines
    }

    @Test func everyMessageShownIsWhatTheDaemonWrites() throws {
        let lines = try blocks("json").filter { $0.hasPrefix("{\"type\"") }
        var kinds: Set<String> = []
        for line in lines {
            let message = try ServerMessage(line: Array(line.utf8))
            #expect(Samples.text(message.encodeLine()) == line + "\n")
            kinds.insert(String(line.dropFirst(9).prefix { $0 != "\"" }))
        }
        #expect(kinds == ["hello", "result", "power", "camera", "enter", "leave", "gap", "reply"])
        let shown = Set(lines.map { $0 + "\n" })
        let samples: [ServerMessage] = [
            .hello(Samples.hello), .result(Samples.result), .power(Samples.power), .presence(Samples.enter),
            .presence(Samples.leave), .gap(Gap(dropped: 12)),
            .reply(Reply(id: .number(2), outcome: .success(.status(Samples.status)))),
        ]
        for sample in samples { #expect(shown.contains(Samples.text(sample.encodeLine()))) }
    }

    @Test func everyRequestShownIsUnderstood() throws {
        let lines = try blocks("json").filter { $0.hasPrefix("{\"op\"") }
        let operations = try lines.map { try ClientRequest(line: Array($0.utf8)).operation }
        #expect(operations.count == 8)
        #expect(operations.contains(.picture))
        let subscription = Subscription(
            labels: ["cat"], minScore: 0.6, mode: .every, maxRate: 5, topK: 3, fields: [.label, .score])
        #expect(operations.contains(.subscribe(subscription)))
        let resume = Subscription.Resume(run: "1k2j3h4g5f", stateSeq: 14)
        #expect(operations.contains(.subscribe(Subscription(resume: resume))))
        #expect(operations.contains(.set(["rate": .number(5), "threads": .text("auto")])))
    }

    @Test func theHexdumpIsAGapLine() throws {
        let bytes = try blocks("hexdump").flatMap { line in
            line.split(separator: " ").dropFirst().compactMap { UInt8($0, radix: 16) }
        }
        #expect(bytes == ServerMessage.gap(Gap(dropped: 12)).encodeLine())
    }
}
