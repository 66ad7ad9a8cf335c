import ArgumentParser
import Daemon
import TarsierClient
import Wire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "The running daemon's model: show it, change it, go back, try another beside it.",
        discussion: """
            Examples:
              tarsier model
              tarsier model shadow gate.int8.safetensors    # compare first; see tarsier status
              tarsier model set gate.int8.safetensors && tarsier model rollback

            A change lasts until the daemon ends or reloads; to keep it, name the model in the configuration.
            """,
        subcommands: [ShowModel.self, SetModel.self, RollbackModel.self, ShadowModel.self],
        defaultSubcommand: ShowModel.self)
}

struct ShowModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "What runs, what ran before, what runs beside it.",
        discussion: "Example: tarsier model show --json")

    @OptionGroup var place: SocketOption

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        do { ModelChange.print(try await place.client.model(), json: json) } catch let error as TarsierError {
            throw Failure(error)
        }
    }
}

struct SetModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Another model from the next frame on; only root and the daemon's own user may.",
        discussion: "Example: tarsier model set gate.int8.safetensors")

    @OptionGroup var place: SocketOption

    @Flag(help: "One JSON object.")
    var json = false

    @Argument(help: "Model file; the daemon must be able to read it.")
    var file: String

    func run() async throws {
        let path = try ModelChange.path(file)
        ModelChange.print(try await ModelChange.run(.set(path: path), place.client), json: json)
    }
}

struct RollbackModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Back to the model before the last change.",
        discussion: "Example: tarsier model rollback")

    @OptionGroup var place: SocketOption

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws { ModelChange.print(try await ModelChange.run(.rollback, place.client), json: json) }
}

struct ShadowModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow", abstract: "A second model on some of the frames; what it says is only compared.",
        discussion: "Example: tarsier model shadow gate.int8.safetensors; later: tarsier model shadow --off")

    @OptionGroup var place: SocketOption

    @Flag(help: "End it.")
    var off = false

    @Flag(help: "One JSON object.")
    var json = false

    @Argument(help: "Model file; the daemon must be able to read it.")
    var file: String?

    func validate() throws {
        guard (file == nil) == off else { throw ValidationError("name a model file, or end the shadow with --off") }
    }

    func run() async throws {
        let request: ModelRequest = try file.map { .shadow(path: try ModelChange.path($0)) } ?? .unshadow
        ModelChange.print(try await ModelChange.run(request, place.client), json: json)
    }
}

/// A change of the daemon's model, from asking to its end.
enum ModelChange {
    /// The daemon has a working directory of its own. What is no model is told here, before it is asked.
    static func path(_ file: String) throws(Failure) -> String {
        _ = try LoadedModel(file)
        return file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
    }

    static func run(_ request: ModelRequest, _ client: TarsierClient) async throws -> ModelState {
        do {
            var state = try await client.model(request)
            let number = state.change?.number
            while let change = state.change, change.number == number, !change.isDone {
                try await Task.sleep(for: .milliseconds(50))
                state = try await client.model()
            }
            if let change = state.change, change.number == number, let error = change.error {
                throw Failure(.badData, "the daemon goes on as before: \(error)")
            }
            return state
        } catch let error as TarsierError {
            throw Failure(error)
        }
    }

    static func print(_ state: ModelState, json: Bool) {
        if json { return Terminal.line(String(decoding: state.encodeLine().dropLast(), as: UTF8.self)) }
        func line(_ name: String, _ loaded: ModelState.Loaded, _ rest: String = "") {
            Terminal.line(
                "\(name.padded(10))\(loaded.path), \(loaded.info.name), \(loaded.info.labels) labels, "
                    + "\(loaded.info.sha256.prefix(12))\(rest)")
        }
        line("current", state.current)
        if let previous = state.previous { line("previous", previous) }
        if let shadow = state.shadow {
            line("shadow", shadow.model, ", differs on \(shadow.disagreed) of \(shadow.frames) frames")
        }
    }
}
