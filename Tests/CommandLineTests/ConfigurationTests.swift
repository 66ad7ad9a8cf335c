import Foundation
import Testing

/// Configuration as a user meets it: files, drop-ins, variables, flags, and what is said of mistakes.
@Suite struct ConfigurationTests {
    private let scratch: ScratchFolder
    private var file: String { scratch.path + "/tarsier.conf" }

    init() throws { scratch = try ScratchFolder() }

    private func write(_ text: String, dropIns: [String: String] = [:]) throws {
        _ = try scratch.file("tarsier.conf", Array(text.utf8))
        try FileManager.default.createDirectory(atPath: file + ".d", withIntermediateDirectories: true)
        for (name, text) in dropIns { _ = try scratch.file("tarsier.conf.d/\(name)", Array(text.utf8)) }
    }

    @Test func `show tells each value and where it comes from`() throws {
        try write(
            "rate = 1\nstable = 4\n",
            dropIns: ["20-b.conf": "rate = 3", "10-a.conf": "rate = 2", "90.conf.bak": "rate = x"])
        let shown = try Running(
            ["config", "show", "--json", "--config", file], environment: ["TARSIER_STABLE": "7"]
        ).wait()
        #expect(shown.status == 0, "\(shown.complaints)")
        let object = try Program.object(shown.output)
        for (name, value, origin, isReloadable) in [
            ("rate", "3", "\(file).d/20-b.conf:1", true), ("stable", "7", "TARSIER_STABLE", true),
            ("max-clients", "64", "default", false),
        ] {
            let found = try #require(object[name] as? [String: Any])
            #expect(found["value"] as? String == value && found["origin"] as? String == origin, "\(name)")
            #expect(found["reload"] as? Bool == isReloadable, "\(name)")
        }
        let text = try Program.run("config", "show", "--config", file).output
        #expect(text.contains("rate = 3 ") && text.contains("# \(file).d/20-b.conf:1"))
    }

    @Test func `check names every mistake with file and line, and exits with 78`() throws {
        try write("rate = 1\nthread = 2\n", dropIns: ["x.conf": "stable = many\n"])
        let outcome = try Running(
            ["config", "check", "--config", file], environment: ["TARSIER_SOKET": "/x"]
        ).wait()
        #expect(outcome.status == 78 && outcome.output.isEmpty)
        #expect(outcome.lines.contains { $0 == "\(file):2: there is no setting \"thread\"; did you mean threads?" })
        #expect(outcome.lines.contains { $0.hasPrefix("\(file).d/x.conf:1: stable = many: must be a whole number") })
        #expect(outcome.lines.contains { $0.contains("TARSIER_SOKET") && $0.contains("TARSIER_SOCKET") })
        try write("rate = 1\n", dropIns: ["x.conf": "stable = 2\n"])
        let fine = try Program.run("config", "check", "--config", file)
        #expect(fine.status == 0 && fine.complaints.isEmpty, "\(fine.complaints)")
    }

    @Test func `The daemon does not start with a mistake, and says it in one line`() throws {
        try write("raet = 1\n")
        let outcome = try Program.run("run", "--config", file, "--source", "scene:", "--frames", "1")
        #expect(outcome.status == 78 && outcome.lines.count == 1, "\(outcome.complaints)")
        #expect(outcome.complaints.contains("\(file):1: there is no setting \"raet\"; did you mean rate?"))
    }

    @Test func `A file that is named must be there`() throws {
        for command in [["run"], ["config", "check"], ["config", "show"]] {
            let outcome = try Running(command + ["--config", file]).wait()
            #expect(outcome.status == 78 && outcome.lines.count == 1 && outcome.complaints.contains(file))
        }
    }

    @Test func `Settings of the file are those of the run; flags win`() throws {
        let socket = scratch.path + "/s"
        try write("source = scene:\nsocket = \(socket)\nrate = 0.1\nmodel = \(Program.model)\nthreads = 1\n")
        let outcome = try Program.run("run", "--config", file, "--frames", "3", "--rate", "max")
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(outcome.complaints.contains("results on \(socket)") && outcome.complaints.contains("3 inferred"))
    }

    @Test func `Help names every setting that the example file has`() throws {
        let (help, example) = (try Program.run("run", "--help").output, try Program.run("config", "example").output)
        let names = example.split(separator: "\n").compactMap { line -> Substring? in
            guard line.hasPrefix("#"), !line.hasPrefix("# "), !line.hasPrefix("##"),
                let end = line.firstRange(of: " = ")
            else { return nil }
            return line[..<end.lowerBound].dropFirst()
        }
        #expect(names.count >= 11)
        for name in names { #expect(help.contains("--\(name) "), "\(name)") }
    }

    @Test func `A wrong flag is a usage error that names the flag`() throws {
        let outcome = try Program.run("run", "--source", "scene:", "--rate", "fast", "--config", "/dev/null")
        #expect(outcome.status == 64 && outcome.lines.count == 1)
        #expect(outcome.complaints.contains("--rate: fast: must be a number above 0 and up to 1000, or max"))
    }
}
