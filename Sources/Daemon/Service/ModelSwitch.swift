internal import LinuxIO
internal import Logging
internal import Publishing
internal import Synchronization
internal import Wire

/// Another model for the running daemon, the way back, and a shadow: what the op `model` asks for. Changes run on a thread of
/// their own, one at a time; whatever is wrong leaves the daemon as it was.
final class ModelSwitch: Sendable {
    private struct State {
        var current: ModelState.Loaded
        var previous: ModelState.Loaded?
        var change: ModelState.Change?
    }

    private let state: Mutex<State>
    private let reloader: Reloader
    private let shadow: Shadow
    private let server: ResultServer
    private let log: Logger

    init(_ prepared: PreparedModel, reloader: Reloader, shadow: Shadow, server: ResultServer, log: Logger) {
        state = Mutex(State(current: prepared.loaded))
        (self.reloader, self.shadow, self.server, self.log) = (reloader, shadow, server, log)
    }

    var models: ModelState {
        let state = state.withLock { $0 }
        return ModelState(
            current: state.current, previous: state.previous, shadow: shadow.current, change: state.change)
    }

    /// Any thread; returns at once.
    func answer(_ request: ModelRequest, _ pipeline: Pipeline) -> Result<ModelState, ReplyError> {
        guard request != .show else { return .success(models) }
        let isBegun = state.withLock { state in
            guard state.change?.isDone ?? true else { return false }
            state.change = ModelState.Change(
                number: (state.change?.number ?? 0) + 1, what: request.name, isDone: false)
            return true
        }
        guard isBegun else {
            let message = "another change of the model is under way; ask again when it is done"
            return .failure(ReplyError(code: .unavailable, message: message))
        }
        do throws(SystemError) {
            _ = try NamedThread(name: "tarsier-model") { [self] in change(request, pipeline) }
        } catch {
            finish(error: "no thread for it: \(error)")
        }
        return .success(models)
    }

    /// A reload by signal has changed the model, too.
    func reloaded(to loaded: ModelState.Loaded) {
        let isOther = state.withLock { state in
            guard state.current != loaded else { return false }
            (state.previous, state.current) = (state.current, loaded)
            return true
        }
        if isOther { tell("reload", loaded, loaded.path) }
    }

    private func change(_ request: ModelRequest, _ pipeline: Pipeline) {
        do throws(Failure) {
            switch request {
            case .show: break
            case .set(let path): try replace("set", path: path, sha256: nil, pipeline)
            case .rollback:
                guard let previous = state.withLock({ $0.previous }) else {
                    throw Failure(.unavailable, "there is no model before this one; name one with `tarsier model set`")
                }
                try replace("rollback", path: previous.path, sha256: previous.info.sha256, pipeline)
            case .shadow(let path):
                let (loaded, inference) = try reloader.prepare(path: path, threads: 1)
                try shadow.start(loaded, inference)
                tell("shadow", loaded, "\(path) sees one frame in \(Shadow.every)")
            case .unshadow:
                guard let before = shadow.current else { throw Failure(.unavailable, "there is no shadow to end") }
                shadow.stop()
                tell("unshadow", before.model, "\(before.disagreed) of \(before.frames) frames differed")
            }
            finish(error: nil)
        } catch {
            log.error("model \(request.name): nothing was changed: \(error.message)")
            finish(error: error.message)
        }
    }

    /// - Parameter sha256: what the file must still be; nil takes any.
    private func replace(_ what: String, path: String, sha256: String?, _ pipeline: Pipeline) throws(Failure) {
        let loaded = try reloader.change(to: path, sha256: sha256, pipeline)
        state.withLock { state in (state.previous, state.current) = (state.current, loaded) }
        tell(what, loaded, path)
    }

    private func tell(_ what: String, _ loaded: ModelState.Loaded, _ cause: String) {
        log.info("model \(what): \(loaded.path), \(loaded.info.labels) labels")
        server.publish(.model(ModelEvent(what: what, model: loaded.info, cause: cause)))
    }

    private func finish(error: String?) {
        state.withLock { state in
            state.change?.isDone = true
            state.change?.error = error
        }
    }
}
