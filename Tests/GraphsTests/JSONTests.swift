import Testing

@testable import Graphs

struct JSONTests {
    private func parse(_ text: String) throws(JSONError) -> JSON { try JSONParser.parse(Array(text.utf8)) }

    @Test("Values of every kind are read")
    func values() throws {
        let value = try parse(#" {"a": [1, -2.5e3, true, false, null], "b": {"c": "d"}} "#)
        let list = JSON.array([.number("1"), .number("-2.5e3"), .bool(true), .bool(false), .null])
        let inner = JSON.object([.init(name: "c", value: .string("d"))])
        #expect(value == .object([.init(name: "a", value: list), .init(name: "b", value: inner)]))
    }

    @Test("Escapes and surrogate pairs are read, and written so that they read back")
    func strings() throws {
        #expect(try parse(#""\u0041\n\t\"\\\/\ud83d\ude00é""#) == .string("A\n\t\"\\/😀é"))
        let hard = JSON.string("\u{1}\u{1f}\"\\\n\r\t é😀")
        #expect(try parse(hard.text) == hard)
    }

    @Test("Text that is not JSON is refused")
    func refused() {
        let bad = [
            "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}",
            "'a'",
            "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
            "\"\\udc00\"",
            "\"\n\"", "01", "+1", "1.", ".5", "1e", "1e+", "-", "tru", "nul", "NaN", "Infinity", "1 2", "{} x",
            "{\"a\":1,\"a\":2}", String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
            String(repeating: "1", count: 65),
        ]
        for text in bad {
            #expect(failure { () throws(JSONError) in _ = try parse(text) } != nil, "\(text.prefix(40))")
        }
        #expect(failure { () throws(JSONError) in _ = try JSONParser.parse([0x22, 0xff, 0x22]) } != nil)
        #expect(failure { () throws(JSONError) in _ = try JSONParser.parse([0x22, 0xc0, 0x80, 0x22]) } != nil)
    }

    @Test("The deepest nesting allowed is read, one more is not")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try parse(nested(JSONParser.maximumDepth))
        #expect(failure { () throws(JSONError) in _ = try parse(nested(JSONParser.maximumDepth + 1)) } != nil)
        #expect(failure { () throws(JSONError) in _ = try parse(nested(1_000_000)) } != nil)
    }

    @Test("Every single-precision number is written so that it reads back the same")
    func floats() throws {
        var bits: UInt32 = 12345
        for _ in 0..<2000 {
            bits = bits &* 1_664_525 &+ 1_013_904_223
            let float = Float(bitPattern: bits)
            guard float.isFinite else { continue }
            guard case .number(let text) = try parse(JSON.number(float).text) else {
                Issue.record("\(float) is not a number")
                continue
            }
            #expect(Float(text) == float)
        }
    }
}
