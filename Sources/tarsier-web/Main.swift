import ArgumentParser
import Glibc
import UnixSignals
import Web

/// The page for browsers, as a program of its own: the daemon keeps no network.
struct TarsierWeb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tarsier-web",
        abstract: "Shows what a Tarsier daemon sees and does, as a page for browsers.",
        discussion: """
            Each option is also a variable, TARSIER_WEB_LISTEN and so on; an option wins.

            Examples:
              tarsier-web
              tarsier-web --listen 0.0.0.0:8277 --token-file /etc/tarsier/web-token --name camera.local
            """,
        version: "tarsier-web \(WebVersion.current)")

    @Option(
        help: ArgumentHelp(
            "Address and port; not loopback takes a token. (default: \(ListenAddress.standard))",
            valueName: "ADDRESS:PORT"))
    var listen: String?

    @Option(
        help: ArgumentHelp("The daemon's socket. (default: \(WebDefaults.socket))", valueName: "PATH"),
        completion: .file())
    var socket: String?

    @Option(
        help: ArgumentHelp("File whose first line is the token that browsers must show.", valueName: "FILE"),
        completion: .file())
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "Host name that browsers may use beside IP addresses; may be given again.", valueName: "NAME"))
    var name: [String] = []

    @Option(
        help: ArgumentHelp(
            "Model file, or folder of them, for the model card; may be given again. (default: \(WebDefaults.models))",
            valueName: "PATH"),
        completion: .file())
    var model: [String] = []

    @Option(
        help: ArgumentHelp("Calibration report that `tarsier quantize --report` wrote.", valueName: "FILE"),
        completion: .file())
    var report: String?

    func run() async throws {
        let environment = WebEnvironment()
        let names = name.isEmpty ? environment.list("NAME") : name
        let models = model.isEmpty ? environment.list("MODEL") : model
        let token = try (tokenFile ?? environment["TOKEN_FILE"]).map { path throws(WebError) in
            try AccessToken(readingFrom: path)
        }
        let page = try (report ?? environment["REPORT"]).map { path throws(WebError) in
            try WebConfiguration.report(at: path)
        }
        let configuration = try WebConfiguration(
            listen: ListenAddress(parsing: listen ?? environment["LISTEN"] ?? ListenAddress.standard),
            socket: socket ?? environment["SOCKET"] ?? WebDefaults.socket, token: token,
            names: names + WebDefaults.ownNames(), models: models.isEmpty ? WebDefaults.modelFolders() : models,
            report: page)
        // Before anybody can be told of the address: an early signal must not be lost.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let server = try await WebServer.start(configuration)
        WebTalk.note("the page is on \(server.url)\(token == nil ? "" : "?token=...")")
        for await _ in signals { break }
        await server.stop()
    }
}

@main
enum Main {
    static func main() async {
        WebDefaults.useOneThread()
        do {
            let command = try TarsierWeb.parse()
            try await command.run()
        } catch let error as WebError {
            WebTalk.note(error.message)
            exit(error.code.rawValue)
        } catch {
            TarsierWeb.exit(withError: error)
        }
    }
}

/// Lines on stderr.
enum WebTalk {
    static func note(_ text: String) {
        // A name from outside is shown, not sent: no line ends, nothing that a terminal would obey.
        let plain = String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) })
        let line = Array("tarsier-web: \(plain)\n".utf8)
        _ = unsafe line.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
    }
}
