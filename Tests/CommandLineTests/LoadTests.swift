import Foundation
import Testing

/// Short versions of `make load`: what the long ones measure must work at all.
@Suite(.serialized, .timeLimit(.minutes(5))) struct LoadTests {
    private func load(_ arguments: String...) throws -> Program.Outcome {
        try Running(arguments, program: Program.besideTests("tarsier-load")).wait()
    }

    @Test func `Subscribers get every state event in order, beside hostile clients too`() throws {
        let outcome = try load(
            "fan-out", "--clients", "60", "--seconds", "6", "--hostile", "12", "--rate-tolerance", "0", "--program",
            Program.path, "--model", Program.model)
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.complaints)")
        #expect(outcome.output.contains("every state event in order for every client"))
    }

    @Test func `Daemon and clients find together again after kill -9`() throws {
        let outcome = try load(
            "kill", "--rounds", "12", "--seed", "7", "--rate", Program.isEmulated ? "0.1" : "20", "--program",
            Program.path, "--model", Program.model)
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.complaints)")
        #expect(outcome.output.contains("none lost"))
    }

    @Test func `Broken requests are all answered`() throws {
        let outcome = try load("fuzz", "--inputs", "20000", "--seed", "3")
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.complaints)")
    }

    @Test func `A writer that is killed leaves the old file or the new one`() throws {
        let outcome = try load("write-kill", "--rounds", "40", "--seed", "5")
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.complaints)")
        #expect(outcome.output.contains("the file was whole every time"))
    }
}
