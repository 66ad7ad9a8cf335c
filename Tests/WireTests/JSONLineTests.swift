import FoundationEssentials
import Tensors
import Testing
import Wire

struct JSONLineTests {
    private func text(_ write: (inout JSONLine) -> Void) -> String {
        var line = JSONLine()
        write(&line)
        return Samples.text(line.bytes)
    }

    @Test(arguments: [
        ("", #""""#), ("cat", #""cat""#), ("a\"b\\c", #""a\"b\\c""#), ("\n\r\t", #""\n\r\t""#),
        ("\u{0}\u{1F}\u{7F}", #""\u0000\u001f\u007f""#), ("\u{85}\u{9B}31m", #""\u0085\u009b31m""#),
        ("\u{2028}\u{2029}", #""\u2028\u2029""#), ("Größe 猫 🐈", #""Größe 猫 🐈""#), ("/", #""/""#),
    ])
    func stringsAreEscaped(value: String, expected: String) {
        #expect(text { $0.string(value) } == expected)
    }

    @Test(arguments: [
        (0.91, 4, "0.91"), (0.91234, 4, "0.9123"), (0.99999, 4, "1"), (1, 4, "1"), (0, 4, "0"), (-0.0, 2, "0"),
        (-0.004, 2, "0"), (-1.25, 2, "-1.25"), (6.1, 2, "6.1"), (6.05, 2, "6.05"), (100, 2, "100"), (0.07, 2, "0.07"),
        (123_456.789, 2, "123456.79"), (1e20, 2, "1e+20"), (.nan, 2, "null"), (.infinity, 2, "null"),
        (-.infinity, 4, "null"),
    ])
    func numbersAreShortAndFinite(value: Double, decimals: Int, expected: String) {
        #expect(text { $0.number(value, decimals: decimals) } == expected)
    }

    @Test func commasStandBetweenValuesAndNowhereElse() {
        let line = text { line in
            line.beginArray()
            line.beginObject()
            line.endObject()
            line.beginObject()
            line.key("a,")
            line.beginArray()
            line.endArray()
            line.key("b{")
            line.string(":")
            line.endObject()
            line.null()
            line.bool(false)
            line.integer(-7)
            line.endArray()
        }
        #expect(line == #"[{},{"a,":[],"b{":":"},null,false,-7]"#)
    }

    @Test func anyTextComesBackThroughAnotherParser() throws {
        var random = SplitMix64.announced()
        for _ in 0..<2000 {
            let value = String.random(upTo: 40, using: &random)
            var line = JSONLine()
            line.beginArray()
            line.string(value)
            line.endArray()
            let bytes = line.finish()
            #expect(bytes.count { $0 == 0x0A } == 1 && bytes.last == 0x0A)
            #expect(try JSONDecoder().decode([String].self, from: Data(bytes)) == [value])
        }
    }

    @Test func anyNumberComesBackWithinItsRounding() throws {
        var random = SplitMix64.announced()
        for _ in 0..<5000 {
            let value = Double.random(in: -1e6...1e6, using: &random)
            var line = JSONLine()
            line.beginArray()
            line.number(value, decimals: 4)
            line.endArray()
            let back = try JSONDecoder().decode([Double].self, from: Data(line.finish()))
            #expect(back.count == 1 && abs((back.first ?? .nan) - value) <= 0.5e-4 + 1e-9)
        }
    }
}
