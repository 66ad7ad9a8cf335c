import ArgumentParser
import Foundation
import LinuxIO
import Tensors

/// kill -9 of a process that does nothing but replace a file.
struct WriteKillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write-kill", abstract: "Kills a writer at random moments; the file must always be whole.")

    @Option(help: "Rounds.")
    var rounds = 1000

    @Option(help: "Where the random numbers begin.")
    var seed: UInt64 = 1

    @Option(help: .hidden)
    var writeForever: String?

    /// Bytes of each of the two contents that take turns, each a run of one value.
    private static let sizes = [300_000, 1_500_000]

    func run() throws {
        if let path = writeForever { try writeForever(path) }
        let folder = NSTemporaryDirectory() + "tarsier-write-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/model"
        // Not by the code on trial: its first write in this process is the one that has to clear up.
        try Data(content(0)).write(to: URL(fileURLWithPath: path))
        var random = SplitMix64(seed: seed)
        var seen = [0, 0]
        for round in 0..<rounds {
            let writer = Process()
            writer.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            writer.arguments = ["write-kill", "--write-forever", path]
            let voice = Pipe()
            writer.standardOutput = voice
            try writer.run()
            // It says when it begins: a kill while the program starts proves nothing.
            guard try voice.fileHandleForReading.read(upToCount: 1) != nil else {
                throw LoadError("round \(round): the writer ended by itself")
            }
            usleep(UInt32.random(in: 0...25_000, using: &random))
            kill(writer.processIdentifier, SIGKILL)
            writer.waitUntilExit()
            guard let kind = try whichContent(path) else { throw LoadError("round \(round): the file is a mixture") }
            seen[kind] += 1
        }
        try AtomicFile.write(content(0), to: path)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder)
        guard left == ["model"] else { throw LoadError("left behind: \(left.joined(separator: ", "))") }
        guard seen.allSatisfy({ $0 > 0 }) else { throw LoadError("the writer never came to write") }
        print(
            "\(rounds) writers killed, seed \(seed): the file was whole every time (\(seen[0]) the old, \(seen[1]) the new)"
        )
    }

    private func content(_ kind: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(kind + 1), count: WriteKillCommand.sizes[kind])
    }

    private func writeForever(_ path: String) throws -> Never {
        FileHandle.standardOutput.write(Data([1]))
        while true { for kind in [1, 0] { try AtomicFile.write(content(kind), to: path) } }
    }

    private func whichContent(_ path: String) throws -> Int? {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        return [0, 1].first { bytes == Data(content($0)) }
    }
}
