import FoundationEssentials
import LinuxIO
import Synchronization
import TarsierClient
import Testing
import Wire

@testable import Publishing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite(.timeLimit(.minutes(1)))
struct SocketFileTests {
    private func startError(_ path: String) -> PublishingError? {
        let server = ResultServer(configuration: ServerConfiguration(path: path), identity: Fixture.identity())
        do throws(PublishingError) {
            try server.start()
            server.shutdown()
            return nil
        } catch {
            return error
        }
    }

    @Test func aSocketOfALivingDaemonIsLeftAloneAndNamed() async throws {
        let fixture = try Fixture()
        let error = try #require(startError(fixture.path))
        #expect(error.code == .socketInUse && error.message.contains(fixture.path))
        var client = try await TestClient(path: fixture.path)
        #expect(try await client.hello() != nil)
    }

    @Test func aStaleSocketIsReplaced() throws {
        let directory = try Fixture.makeDirectory()
        let path = directory + "/s"
        do { _ = try RawSocket(listeningOn: path) }
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(startError(path) == nil)
        #expect(!FileManager.default.fileExists(atPath: path))
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func aFileThatIsNoSocketIsNotTouched() throws {
        let directory = try Fixture.makeDirectory()
        let path = directory + "/notes.txt"
        try Data("precious".utf8).write(to: URL(filePath: path))
        #expect(startError(path)?.code == .notASocket)
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("precious".utf8))
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func pathsThatAreTooLongAreRefused() throws {
        let directory = try Fixture.makeDirectory()
        let longest = directory + "/" + String(repeating: "s", count: 107 - directory.utf8.count - 1)
        #expect(startError(longest) == nil)
        let error = try #require(startError(longest + "s"))
        #expect(error.code == .pathTooLong && error.message.contains("108 bytes, the limit is 107"))
        #expect(startError("")?.code == .pathTooLong)
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func aMissingDirectoryIsNamed() {
        let error = startError("/nowhere-at-all/tarsier.sock")
        #expect(error?.code == .directoryMissing && error?.message.contains("/nowhere-at-all,") == true)
    }

    @Test func aDirectoryThatTakesNoSocketsIsNamed() {
        // Nobody, root included, makes sockets in sysfs.
        let error = startError("/sys/tarsier.sock")
        #expect(error?.code == .permissionDenied && error?.message.contains("/sys") == true)
    }

    @Test func theSocketHasItsModeAndIsGoneAfterwards() throws {
        let fixture = try Fixture()
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.path)
        #expect(attributes[.posixPermissions] as? UInt == 0o660)
        fixture.server.shutdown()
        #expect(!FileManager.default.fileExists(atPath: fixture.path))
    }

    @Test func aClientReachesTheLongestPath() async throws {
        let directory = try Fixture.makeDirectory()
        let path = directory + "/" + String(repeating: "s", count: 107 - directory.utf8.count - 1)
        let server = ResultServer(configuration: ServerConfiguration(path: path), identity: Fixture.identity())
        try server.start()
        #expect(try await TarsierClient(path: path).labels() == ["cat", "dog"])
        server.shutdown()
        #expect(!FileManager.default.fileExists(atPath: path))
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func ofManyServersThatStartAtOnceOnAStaleSocketOneLives() throws {
        let directory = try Fixture.makeDirectory()
        let path = directory + "/s"
        for _ in 0..<20 {
            do { _ = try RawSocket(listeningOn: path) }
            let servers = (0..<6).map { _ in
                ResultServer(configuration: ServerConfiguration(path: path), identity: Fixture.identity())
            }
            let outcomes = Mutex<[PublishingError.Code?]>([])
            let threads = try servers.map { server in
                try NamedThread(name: "start") {
                    do throws(PublishingError) {
                        try server.start()
                        outcomes.withLock { $0.append(nil) }
                    } catch {
                        outcomes.withLock { $0.append(error.code) }
                    }
                }
            }
            for thread in threads { thread.join() }
            let codes = outcomes.withLock { $0 }
            #expect(codes.count { $0 == nil } == 1 && codes.count { $0 == .socketInUse } == 5, "\(codes)")
            for server in servers { server.shutdown() }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func whatIsHandedOverAndIsNoListeningSocketIsNotTaken() throws {
        // Descriptors from 3 on of this process are pipes, files and connections: no listener of ours.
        let directory = try Fixture.makeDirectory()
        let listener = try RawSocket(listeningOn: directory + "/s")
        #expect(UnixSocket.isListener(listener.descriptor))
        let connection = try UnixSocket.connect(to: directory + "/s")
        #expect(!UnixSocket.isListener(connection.raw))
        #expect(!UnixSocket.isListener(0) && !UnixSocket.isListener(-1))
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func anotherDaemonsSocketOfTheSameNameIsNotRemoved() throws {
        let fixture = try Fixture()
        let other = try RawSocket(listeningOn: fixture.path + "2")
        try FileManager.default.removeItem(atPath: fixture.path)
        try FileManager.default.moveItem(atPath: fixture.path + "2", toPath: fixture.path)
        fixture.server.shutdown()
        #expect(FileManager.default.fileExists(atPath: fixture.path))
        #expect(other.descriptor >= 0)
    }

    @Test func aServerStartsAgainAfterAFailureAndOnlyOnce() throws {
        let directory = try Fixture.makeDirectory()
        let path = directory + "/later/s"
        let server = ResultServer(configuration: ServerConfiguration(path: path), identity: Fixture.identity())
        #expect(throws: PublishingError.self) { try server.start() }
        try FileManager.default.createDirectory(atPath: directory + "/later", withIntermediateDirectories: false)
        try server.start()
        let error = #expect(throws: PublishingError.self) { try server.start() }
        #expect(error?.code == .notStartable)
        server.shutdown()
        server.shutdown()
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func aSocketHandedOverIsServedAndItsFileLeft() async throws {
        let directory = try Fixture.makeDirectory()
        let path = directory + "/s"
        let handed = try RawSocket(listeningOn: path)
        var configuration = ServerConfiguration(path: path)
        configuration.activated = ActivatedSocket(descriptor: dup(handed.descriptor))
        let server = ResultServer(configuration: configuration, identity: Fixture.identity())
        try server.start()
        var client = try await TestClient(path: path)
        #expect(try await client.hello() != nil)
        server.shutdown()
        #expect(FileManager.default.fileExists(atPath: path))
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test(arguments: [
        (["LISTEN_PID": "42", "LISTEN_FDS": "1"], true), (["LISTEN_PID": "42", "LISTEN_FDS": "2"], true),
        (["LISTEN_PID": "41", "LISTEN_FDS": "1"], false), (["LISTEN_PID": "42", "LISTEN_FDS": "0"], false),
        (["LISTEN_PID": "42"], false), (["LISTEN_FDS": "1"], false), (["LISTEN_PID": "x", "LISTEN_FDS": "1"], false),
        ([:], false),
    ])
    func onlySocketsMeantForThisProcessAreTaken(environment: [String: String], isTaken: Bool) {
        #expect(ActivatedSocket.handed(environment: environment, processID: 42).contains(3) == isTaken)
    }

    @Test func manyConnectionsLeaveNothingOpen() async {
        // In a process of its own: other tests open descriptors too.
        await #expect(processExitsWith: .success) {
            let gauge = Gauge()
            let fixture = try Fixture(handlers: ServerHandlers(subscribersChanged: { gauge.set($0) }))
            var before = 0
            for round in 0..<30 {
                for _ in 0..<20 {
                    var client = try await TestClient(path: fixture.path)
                    _ = try await client.hello()
                    try await client.close()
                }
                await gauge.wait(for: 0)
                let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
                if round == 0 { before = open }
                guard open <= before else { fatalError("\(open) descriptors are open, \(before) were") }
            }
            fixture.server.shutdown()
            let after = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            guard after < before else { fatalError("\(after) descriptors stay open, \(before) were") }
        }
    }
}
