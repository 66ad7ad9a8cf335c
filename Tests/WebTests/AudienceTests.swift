import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing
import Wire

@testable import Web

/// One event for all pages; what a page gets that comes late or reads slowly.
@Suite struct AudienceTests {
    private func page() -> EmbeddedChannel { EmbeddedChannel(handler: nil) }

    /// What a page was sent so far, as text.
    private func sent(_ channel: EmbeddedChannel) throws -> String {
        var text = ""
        while case .body(.byteBuffer(let bytes))? = try channel.readOutbound(as: HTTPServerResponsePart.self) {
            text += String(buffer: bytes)
        }
        return text
    }

    private func event(_ kind: PageEvent.Kind, _ json: String) -> PageEvent { PageEvent(kind, json: Array(json.utf8)) }

    @Test func `The feed follows the pages, and what was before a time without any is forgotten`() throws {
        var demands: [Audience.Demand] = []
        let loop = EmbeddedEventLoop()
        let audience = Audience(loop: loop, clock: { 0 }) { demands.append($0) }
        let (plain, pictures) = (page(), page())
        audience.add(plain, wantsPictures: false)
        audience.add(pictures, wantsPictures: true)
        audience.remove(pictures)
        audience.remove(plain)
        audience.remove(plain)
        #expect(demands == [.events, .eventsAndPictures, .events])
        // A page that is loaded anew finds its history.
        audience.publish(event(.hello, #"{"type":"hello"}"#))
        loop.advanceTime(by: .seconds(2))
        let again = page()
        audience.add(again, wantsPictures: false)
        #expect(try sent(again).contains(#""hello":{"type":"hello"}"#))
        audience.remove(again)
        loop.advanceTime(by: .seconds(4))
        #expect(demands == [.events, .eventsAndPictures, .events, .nothing])
        let later = page()
        audience.add(later, wantsPictures: false)
        #expect(try sent(later).contains(#""hello":null,"gone":null"#))
        audience.remove(later)
        #expect(audience.count == 0)
    }

    @Test func `Every page gets an event, pictures only who wants them`() throws {
        let audience = Audience(loop: EmbeddedEventLoop(), clock: { 7 }) { _ in }
        let (plain, pictures) = (page(), page())
        audience.add(plain, wantsPictures: false)
        audience.add(pictures, wantsPictures: true)
        audience.publish(event(.result, #"{"seq":1}"#))
        audience.publish(event(.picture, #"{"frame":2}"#))
        let (first, second) = (try sent(plain), try sent(pictures))
        #expect(first.hasPrefix("retry: 1000\n\nevent: snapshot\ndata: {\"now_ms\":7,"))
        #expect(first.hasSuffix("event: result\ndata: {\"seq\":1}\n\n"))
        #expect(second.hasSuffix("event: result\ndata: {\"seq\":1}\n\nevent: picture\ndata: {\"frame\":2}\n\n"))
    }

    @Test func `A page that comes late is told what it missed`() throws {
        let loop = EmbeddedEventLoop()
        let audience = Audience(loop: loop, clock: { 1500 }) { _ in }
        audience.publish(event(.hello, #"{"type":"hello"}"#))
        audience.publish(event(.sample, #"{"at_ms":1}"#))
        audience.publish(event(.result, #"{"seq":1}"#))
        loop.advanceTime(by: .milliseconds(100))
        // Finer than history needs to be.
        audience.publish(event(.result, #"{"seq":2}"#))
        loop.advanceTime(by: .milliseconds(400))
        audience.publish(event(.result, #"{"seq":3}"#))
        audience.publish(event(.state, #"{"event":{}}"#))
        let late = page()
        audience.add(late, wantsPictures: false)
        #expect(
            try sent(late).hasSuffix(
                #"data: {"now_ms":1500,"hello":{"type":"hello"},"gone":null,"picture":null,"samples":[{"at_ms":1}],"#
                    + #""results":[{"seq":1},{"seq":3}],"states_since_hello":1,"states":[{"event":{}}]}"# + "\n\n"))
        loop.advanceTime(by: PageHistory.span + .milliseconds(1))
        audience.publish(event(.gone, #"{"reason":"x"}"#))
        audience.publish(event(.sample, #"{"at_ms":2}"#))
        audience.publish(event(.result, #"{"seq":4}"#))
        let later = page()
        audience.add(later, wantsPictures: true)
        #expect(
            try sent(later).contains(
                #""hello":null,"gone":{"reason":"x"},"picture":null,"samples":[{"at_ms":2}],"results":[{"seq":4}],"#))
    }

    @Test func `A wall clock that is set back neither drops results nor keeps what is old`() throws {
        var wallMs: Int64 = 1_767_323_045_678
        let loop = EmbeddedEventLoop()
        let audience = Audience(loop: loop, clock: { wallMs }) { _ in }
        for number in 0..<400 {
            if number == 1 { wallMs -= 86_400_000 }
            audience.publish(event(.sample, "{\"sample\":\(number)}"))
            audience.publish(event(.result, "{\"seq\":\(number)}"))
            loop.advanceTime(by: .seconds(1))
            wallMs += 1000
        }
        let late = page()
        audience.add(late, wantsPictures: false)
        let snapshot = try sent(late)
        let kept = 219...399
        let (samples, results) = (kept.map { "{\"sample\":\($0)}" }, kept.map { "{\"seq\":\($0)}" })
        #expect(snapshot.contains("\"samples\":[\(samples.joined(separator: ","))]"))
        #expect(snapshot.contains("\"results\":[\(results.joined(separator: ","))]"))
        #expect(snapshot.contains("{\"now_ms\":\(wallMs),"), "pages show the time of day")
    }

    @Test func `A page that reads slowly is told everything anew, and hung up on when it does not read`() throws {
        let loop = EmbeddedEventLoop()
        let audience = Audience(loop: loop, clock: { 0 }) { _ in }
        let slow = EmbeddedChannel(handler: nil, loop: loop)
        try slow.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
        audience.add(slow, wantsPictures: false)
        _ = try sent(slow)
        slow.isWritable = false
        audience.publish(event(.result, #"{"seq":1}"#))
        audience.publish(event(.state, #"{"event":{"type":"camera"}}"#))
        #expect(try sent(slow) == "")
        loop.advanceTime(by: .seconds(9))
        slow.isWritable = true
        audience.writable(slow)
        #expect(try sent(slow).contains(#""states":[{"event":{"type":"camera"}}]"#))
        loop.advanceTime(by: .seconds(60))
        #expect(slow.isActive)
        slow.isWritable = false
        audience.publish(event(.result, #"{"seq":2}"#))
        loop.advanceTime(by: .seconds(11))
        #expect(!slow.isActive)
    }

    @Test func `Events are framed as the standard has it`() {
        let event = PageEvent(.gone) { line in
            line.beginObject()
            line.key("reason")
            line.string("a\nb")
            line.endObject()
        }
        #expect(String(decoding: event.bytes, as: UTF8.self) == "event: gone\ndata: {\"reason\":\"a\\nb\"}\n\n")
    }
}
