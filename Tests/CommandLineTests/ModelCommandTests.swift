import Foundation
import Testing

/// `tarsier model` against a running daemon.
@Suite(.serialized) struct ModelCommandTests {
    private let scratch: ScratchFolder
    private let socket: String

    init() throws {
        scratch = try ScratchFolder()
        socket = scratch.path + "/s"
    }

    /// The default model with one label spelt otherwise: as long a file, another digest.
    private func otherModel(_ name: String = "other") throws -> String {
        var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: Program.model)))
        let (old, new) = (Array("vegetable".utf8), Array("vegetaple".utf8))
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: old) })
        bytes.replaceSubrange(place..<place + old.count, with: new)
        return try scratch.file("\(name).safetensors", bytes)
    }

    private func model(_ arguments: String...) throws -> Program.Outcome {
        try Running(["model"] + arguments + ["--socket", socket, "--json"]).wait()
    }

    private func rate() throws -> Double? {
        let status = try Program.object(try Program.run("status", "--socket", socket, "--json").output)
        return (status["power"] as? [String: Any])?["rate"] as? Double
    }

    private func digest(_ state: [String: Any], _ key: String) -> String? {
        ((state[key] as? [String: Any])?["model"] as? [String: Any])?["sha256"] as? String
    }

    @Test func `A model is set between two frames and taken back`() throws {
        // A sanitized client takes seconds for a question.
        let length = Program.isSanitized ? 1200 : Program.times(150, emulated: 100)
        let film = try scratch.file("film.mjpeg", Array(repeatElement(try Fixtures.grey(), count: length).joined()))
        let daemon = try Fixtures.daemon(on: socket, ["--source", "mjpeg:\(film)", "--rate", "10", "--threads", "1"])
        let reader = try Running(["subscribe", "--socket", socket, "--every", "--json"])
        while let line = reader.line(), !line.contains("\"type\":\"result\"") {}
        let before = try Program.object(try model("show").output)
        #expect(before["previous"] is NSNull && before["shadow"] is NSNull)
        let nothing = try model("rollback")
        #expect(nothing.status == 65 && nothing.complaints.contains("there is no model before this one"))

        let other = try otherModel()
        #expect(try Program.run("set", "--socket", socket, "rate=9").status == 0)
        let set = try model("set", other)
        #expect(set.status == 0, "\(set.complaints)")
        let after = try Program.object(set.output)
        #expect(
            digest(after, "previous") == digest(before, "current")
                && digest(after, "current") != digest(before, "current"))
        let labels = try Running(
            ["-t", "2", "-", "UNIX-CONNECT:\(socket)"], program: Fixtures.tool("socat"),
            input: Array("{\"op\":\"labels\",\"id\":1}\n".utf8)
        ).wait().output
        #expect(labels.contains("\"vegetaple\""), "\(labels)")

        #expect(try rate() == 9, "what was asked for outlasts the model")
        let back = try Program.object(try model("rollback").output)
        #expect(try rate() == 9)
        #expect(
            digest(back, "current") == digest(before, "current") && digest(back, "previous") == digest(after, "current")
        )
        let broken = try model("set", try scratch.file("broken.safetensors", [1, 2, 3]))
        #expect(broken.status == 65)
        #expect(digest(try Program.object(try model("show").output), "current") == digest(before, "current"))

        // A file that has changed since is not what was there before.
        try Data(contentsOf: URL(fileURLWithPath: Program.model)).write(to: URL(fileURLWithPath: other))
        let changed = try model("rollback")
        #expect(
            changed.status == 65 && changed.complaints.contains("is another file than it was"), "\(changed.complaints)")

        let log = daemon.wait().complaints
        #expect(log.contains("\(length) frames captured, \(length) inferred"), "\(log)")
        let lines = try reader.stop().output.split(separator: "\n").map { try Program.object($0) }
        let frames = lines.filter { $0["type"] as? String == "result" }.compactMap { $0["frame"] as? Int }
        #expect(zip(frames.dropFirst(), frames).allSatisfy { $0 - $1 == 1 })
        let told = lines.filter { $0["type"] as? String == "model" }.compactMap { $0["what"] as? String }
        #expect(told == ["set", "rollback"], "\(told)")
    }

    @Test func `A shadow is compared and never published`() throws {
        let daemon = try Fixtures.daemon(on: socket, ["--source", "scene:", "--rate", "max", "--threads", "1"])
        let reader = try Running(["subscribe", "--socket", socket, "--every", "--json"])
        let other = try otherModel("shadow")
        #expect(try model("shadow", other).status == 0)
        let hasCompared = try Fixtures.eventually {
            let shadow = try Program.object(try model("show").output)["shadow"] as? [String: Any]
            return (shadow?["frames"] as? Int ?? 0) >= Program.times(3, emulated: 1)
        }
        #expect(hasCompared)
        let status = try Program.object(try Program.run("status", "--socket", socket, "--json").output)
        let shadow = try #require(status["shadow"] as? [String: Any])
        // The same network: it differs in nothing but how one label is spelt, and scenes show no vegetables.
        #expect(shadow["disagreed"] as? Int == 0, "\(shadow)")
        let metrics = try Program.run("metrics", "--socket", socket).output
        #expect(
            metrics.contains("tarsier_shadow_frames_total") && metrics.contains("tarsier_shadow_disagreements_total 0"))
        let off = try model("shadow", "--off")
        #expect(off.status == 0)
        let rest = try Program.object(off.output)
        #expect(rest["shadow"] is NSNull)
        let twice = try model("shadow", "--off")
        #expect(twice.status == 65)
        #expect(!reader.stop().output.contains("vegetaple"))
        #expect(daemon.stop().status == 0)
    }
}
