import Foundation
import Testing

/// A real mosquitto on a port and in a folder of its own.
struct Broker {
    let port: Int
    private let program: String
    private let configuration: String

    init(_ scratch: ScratchFolder) throws {
        program = try Fixtures.tool("mosquitto")
        port = Int.random(in: 20_000...32_000)
        let store = scratch.path + "/broker"
        try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
        let user = NSUserName()
        configuration = try scratch.file(
            "mosquitto.conf",
            Array(
                """
                listener \(port) 127.0.0.1
                allow_anonymous true
                user \(user)
                persistence true
                persistence_location \(store)/
                max_queued_messages 0
                log_dest stderr

                """.utf8))
    }

    /// Starts it and returns when it takes connections. To be stopped with `stop`, which lets it save what it holds.
    func start() throws -> Running {
        let broker = try Running(["-c", configuration], program: program)
        let probe = ["-p", "\(port)", "-t", "probe", "-m", "1"]
        let publisher = try Fixtures.tool("mosquitto_pub")
        var isReady = false
        _ = try Fixtures.eventually {
            isReady = try Running(probe, program: publisher).wait().status == 0
            return isReady || !broker.process.isRunning
        }
        if isReady { return broker }
        broker.process.terminate()
        Issue.record("mosquitto did not start: \(broker.wait())")
        throw CancellationError()
    }

    /// Messages of a topic: to a session that the broker keeps, so that none is missed between two calls.
    /// - Parameter count: messages after which to return; or after some seconds without any, with what has come.
    func receive(_ topic: String, count: Int, seconds: Int) throws -> [String] {
        let listener = try Running(
            [
                "-p", "\(port)", "-c", "-i", "reader", "-q", "1", "-t", topic, "-v", "-C", "\(count)", "-W",
                "\(seconds)",
            ], program: try Fixtures.tool("mosquitto_sub"))
        return listener.wait().output.split(separator: "\n").map(String.init)
    }

    /// Opens that session.
    func register(_ topic: String) throws {
        let listener = try Running(
            ["-p", "\(port)", "-c", "-i", "reader", "-q", "1", "-t", topic, "-E"],
            program: try Fixtures.tool("mosquitto_sub"))
        #expect(listener.wait().status == 0)
    }
}
