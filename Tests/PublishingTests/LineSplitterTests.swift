import NIOCore
import Testing

@testable import Publishing

struct LineSplitterTests {
    private func lines(_ chunks: [String], limit: Int = 10, atEnd: Bool = false) -> [LineSplitter.Next] {
        var splitter = LineSplitter(limit: limit)
        var found: [LineSplitter.Next] = []
        for (index, chunk) in chunks.enumerated() {
            splitter.append(ByteBuffer(string: chunk))
            while true {
                let next = splitter.next(atEnd: atEnd && index == chunks.count - 1)
                if next == .nothing { break }
                found.append(next)
                if next == .tooLong { return found }
            }
        }
        return found
    }

    private func line(_ text: String) -> LineSplitter.Next { .line(Array(text.utf8)) }

    @Test func linesAreFoundWhereverTheChunksEnd() {
        #expect(lines(["a\nbc\n"]) == [line("a"), line("bc")])
        #expect(lines(["a", "b", "\nc", "\n", "d"]) == [line("ab"), line("c")])
    }

    @Test func blankLinesAreToldAsSuchSinceEachCosts() {
        #expect(lines(["\n\n \t\r\na\r\n\n"]) == [.blank, .blank, .blank, line("a\r"), .blank])
    }

    @Test func theRestIsALineOnlyAtTheEnd() {
        #expect(lines(["a\nb"]) == [line("a")])
        #expect(lines(["a\n", "b"], atEnd: true) == [line("a"), line("b")])
        #expect(lines(["a\n", " "], atEnd: true) == [line("a"), .blank])
    }

    @Test func aLineWithItsNewlineMayFillTheLimitAndNoMore() {
        #expect(lines(["123456789\n"]) == [line("123456789")])
        #expect(lines(["1234567890\n"]) == [.tooLong])
        #expect(lines(["12345", "67890"]) == [.tooLong])
        #expect(lines(["a\n", "1234567890123"]) == [line("a"), .tooLong])
    }
}
