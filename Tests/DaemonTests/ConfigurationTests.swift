import Testing

@testable import Daemon

@Suite struct ConfigurationTests {
    private func configuration(
        _ text: String, environment: [String: String] = [:], flags: [String: String] = [:]
    ) -> Configuration {
        Configuration(files: [("a.conf", text)], environment: environment, flags: flags)
    }

    // MARK: the catalogue

    @Test func `Names are unique, lower case and without anything a shell or a file would trip over`() {
        let names = Setting.all.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }, "\(name)")
        }
    }

    @Test(arguments: Setting.all.map(\.name))
    func `A default that is written down is the one that is used`(name: String) throws {
        let setting = try #require(Setting.named(name))
        guard !setting.standard.isEmpty else { return #expect(!setting.form.isEmpty) }
        #expect(configuration("\(name) = \(setting.standard)").run == RunConfiguration())
    }

    @Test(arguments: Setting.all.map(\.name))
    func `An example is valid and changes something`(name: String) throws {
        let setting = try #require(Setting.named(name))
        let result = configuration("\(name) = \(setting.example)")
        #expect(result.problems.isEmpty)
        // A mask above what this CPU offers changes nothing on it.
        if name != "cpu-mask" { #expect(result.run != RunConfiguration()) }
        #expect(result.text(of: setting) == setting.example)
    }

    @Test func `The example file changes nothing, and everything once its comments are taken away`() {
        let text = ConfigurationExample.text
        #expect(configuration(text).problems.isEmpty && configuration(text).given.isEmpty)
        let open = text.split(separator: "\n").map { line in
            let isSetting = Setting.all.contains { line.hasPrefix("#\($0.name) = ") }
            return String(isSetting ? line.dropFirst() : line)
        }
        let result = configuration(open.joined(separator: "\n"))
        #expect(result.problems.isEmpty, "\(result.problems)")
        #expect(result.given.count == Setting.all.count)
    }

    // MARK: layers

    @Test func `Later layers win: files in order, environment, flags`() {
        let files = [
            ("a.conf", "rate = 1\nthreads = 1\nstable = 4\nmax-clients = 5"),
            ("b.conf", "rate = 2\nthreads = 2\nstable = 5"),
        ]
        let result = Configuration(
            files: files.map { (path: $0.0, text: $0.1) }, environment: ["TARSIER_RATE": "3", "TARSIER_THREADS": "3"],
            flags: ["rate": "4"])
        #expect(result.problems.isEmpty)
        #expect(result.run.rate == 4 && result.given["rate"]?.origin == .flag("--rate"))
        #expect(result.run.threads == .fixed(3) && result.given["threads"]?.origin == .environment("TARSIER_THREADS"))
        #expect(
            result.run.smoothing.stableAfter == 5 && result.given["stable"]?.origin == .file(path: "b.conf", line: 3))
        #expect(result.run.maxClients == 5)
    }

    @Test func `An empty value returns to the default`() {
        let result = configuration("rate = 1\n", environment: ["TARSIER_RATE": ""])
        #expect(result.run.rate == 10 && result.given.isEmpty && result.problems.isEmpty)
    }

    // MARK: mistakes

    @Test func `An unknown key is named with its file, its line and the nearest known one`() throws {
        let problem = try #require(configuration("# one\n\nmax_client = 3\n").problems.first)
        #expect(problem.description == "a.conf:3: there is no setting \"max_client\"; did you mean max-clients?")
        let odd = try #require(configuration("colour = red").problems.first)
        #expect(odd.description.contains("a.conf:1") && !odd.description.contains("did you mean"))
    }

    @Test(arguments: [
        ("rate = 0", "a.conf:1: rate = 0: must be a number above 0"), ("rate = fast", "rate = fast"),
        ("rate = nan", "must be"), ("rate = inf", "must be"), ("threads = 65", "1 to 64, or auto"),
        ("stable = 0", "1 to 1000"),
        ("enter = 1.5", "from 0 to 1"), ("smooth = majority:0", "1 to 10000"), ("smooth = mean", "exponential:MS"),
        ("cpu-mask = mmx", "scalar"), ("source = /dev/video0", "did you mean v4l2:/dev/video0?"),
        ("max-clients = 5000", "1 to 4096"), ("[camera]", "there are no sections"), ("rate 5", "no \"=\""),
        ("= 5", "no \"=\""), ("model = \"a", "not closed"), ("model = \"a\" b", "after the closing"),
    ])
    func `A value that makes no sense is told in one line`(text: String, expected: String) throws {
        let result = configuration(text)
        try #require(result.problems.count == 1, "\(result.problems)")
        #expect(result.problems[0].description.contains(expected), "\(result.problems[0])")
        #expect(result.run == RunConfiguration())
        #expect(throws: Failure.self) { try result.checked() }
    }

    @Test func `Values that contradict each other name both places`() throws {
        let problem = try #require(configuration("enter = 0.5", flags: ["leave": "0.9"]).problems.first)
        #expect(problem.description == "--leave: leave = 0.9: must be at most enter, 0.5 (a.conf:1)")
    }

    @Test func `A key given twice in a file is a mistake; in two files it is not`() {
        #expect(
            configuration("rate = 1\nrate = 2").problems.map(\.description) == [
                "a.conf:2: rate is set in line 1 already"
            ])
        #expect(Configuration(files: [("a", "rate = 1"), ("b", "rate = 2")]).problems.isEmpty)
    }

    @Test func `Every problem is kept; the first gives line and exit code`() {
        let result = configuration("rat = 1\nstable = x", flags: ["rate": "x"])
        #expect(result.problems.count == 3)
        #expect { try result.checked() } throws: { error in
            guard let failure = error as? Failure else { return false }
            return failure.code == .configuration && failure.message.contains("a.conf:1")
                && failure.message.contains("and 2 more")
        }
        #expect { try configuration("", flags: ["rate": "x"]).checked() } throws: { ($0 as? Failure)?.code == .usage }
    }

    @Test func `Variables that look like settings are pointed out`() {
        let found = Configuration.suspicious([
            "TARSIER_RAET": "1", "TARSIER_RATE": "1", "TARSIER_TYPE": "x", "RATE": "2",
        ])
        #expect(found.map(\.variable) == ["TARSIER_RAET"] && found.map(\.meant) == ["TARSIER_RATE"])
    }

    // MARK: syntax

    @Test func `Blanks, comments, quotation marks and line ends of any kind`() {
        let text = "\u{FEFF}# x\r\n  model =  /a b#c  # comment\r\n\tsocket = \" /x # y \"\n\nrate=5"
        let file = ConfigurationFile(parsing: text)
        #expect(file.complaints.isEmpty, "\(file.complaints)")
        #expect(file.entries.map(\.key) == ["model", "socket", "rate"])
        #expect(file.entries.map(\.value) == ["/a b#c", " /x # y ", "5"])
        #expect(file.entries.map(\.line) == [2, 3, 5])
    }

    @Test func `Random bytes give complaints, never a crash`() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("=#\"[]\n\r ab\u{0}é🎈-_1")
        for _ in 0..<2000 {
            let text = String(
                (0..<Int.random(in: 0...40, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "=" })
            let file = ConfigurationFile(parsing: text)
            let meaningful = text.split(whereSeparator: \.isNewline).count { !$0.allSatisfy(\.isWhitespace) }
            #expect(file.entries.count + file.complaints.count <= meaningful, "\(text.debugDescription)")
        }
    }

    @Test(arguments: [
        ("rate", "rate", 0), ("rat", "rate", 1), ("raet", "rate", 1), ("", "abc", 3), ("kitten", "sitting", 3),
    ])
    func `Distance counts changes and swaps`(a: String, b: String, expected: Int) {
        #expect(NearestName.distance(Array(a.utf8), Array(b.utf8)) == expected)
        #expect(NearestName.distance(Array(b.utf8), Array(a.utf8)) == expected)
    }
}
